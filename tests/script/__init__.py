"""The migration on tables as they are in the wild, and under everything that can go on beside it."""
