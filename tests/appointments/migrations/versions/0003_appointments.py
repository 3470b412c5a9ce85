"""The appointments, where they are missing."""

from collections.abc import Callable
from pathlib import Path

revision = "0003"
down_revision = "0002"
HERE = Path(__file__).parents[1]


def upgrade(run: Callable[[Path], None]) -> None:
    run(HERE / "03_appointments.sql")


def downgrade(run: Callable[[Path], None]) -> None: ...
