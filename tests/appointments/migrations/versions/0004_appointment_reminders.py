"""How a patient is reminded of an appointment."""

from collections.abc import Callable
from pathlib import Path

revision = "0004"
down_revision = "0003"
HERE = Path(__file__).parents[1]


def upgrade(run: Callable[[Path], None]) -> None:
    run(HERE / "04_appointment_reminders.sql")


def downgrade(run: Callable[[Path], None]) -> None:
    run(HERE / "04_appointment_reminders_down.sql")
