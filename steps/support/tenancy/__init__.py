"""One clinic's work, and what it may not reach."""
