"""How a patient is reminded of an appointment."""

from pathlib import Path

from migrations import settings, sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    settings.hand_to_script()
    sql_file.run("04_appointment_reminders.sql", Path(__file__).parents[1])


def downgrade() -> None:
    settings.hand_to_script()
    sql_file.run("04_appointment_reminders_down.sql", Path(__file__).parents[1])
