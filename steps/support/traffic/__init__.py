"""Beside a migration on a live table: writers, sessions that hold the table, and the watch on the locks."""
