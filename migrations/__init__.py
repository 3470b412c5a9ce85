"""The migrations: SQL files that psql or Alembic runs, and Alembic's environment around them."""
