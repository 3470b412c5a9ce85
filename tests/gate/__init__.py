"""The gate is judged as it judges: every defect is refused, every correct script accepted, a broken gate noticed."""
