"""What goes on beside a migration on a live table: writers, sessions that hold the table, and who watches the locks."""
