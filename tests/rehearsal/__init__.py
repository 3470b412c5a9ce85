"""Tests of the rehearsal on real data."""
