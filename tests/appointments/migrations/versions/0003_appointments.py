"""The appointments, where they are missing."""

from pathlib import Path

from migrations import sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_file.run("03_appointments.sql", Path(__file__).parents[1])


def downgrade() -> None: ...
