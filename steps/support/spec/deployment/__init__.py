"""The service and the migration, in either order."""
