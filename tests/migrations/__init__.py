"""The scripts' templates and what Alembic does around them."""
