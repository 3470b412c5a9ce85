"""Running the script, and what it may not change."""
