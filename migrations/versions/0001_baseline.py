"""The tables as they were the day before: tenants and patients, where they are missing."""

from migrations import sql_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_file.run("00_baseline.sql")


def downgrade() -> None:
    # An adopted database had these tables, with their patients, before Alembic came: they stay.
    pass
