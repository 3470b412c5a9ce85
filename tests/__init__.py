"""Tests of the support code, of the gate's own teeth and of the house rules."""
