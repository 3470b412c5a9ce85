"""The script on many machines: run with --citus URL, as the workflow does."""
