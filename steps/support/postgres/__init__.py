"""A Postgres to run on: a container, an embedded server, or one that is already running."""
