"""Figures, each side by side with its alternatives in one run."""
