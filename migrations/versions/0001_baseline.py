"""The tables as they were the day before: tenants and patients, where they are missing."""

from collections.abc import Callable

revision = "0001"
down_revision = None


def upgrade(run: Callable[[str], None]) -> None:
    run("00_baseline.sql")


def downgrade(run: Callable[[str], None]) -> None:
    """Leave the tables: a database that was adopted had them, with their patients, before Alembic came."""
