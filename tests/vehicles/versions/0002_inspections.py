"""Two columns for the yearly inspection."""

from collections.abc import Callable
from pathlib import Path

revision = "0002"
down_revision = "0001"


def upgrade(run: Callable[[Path], None]) -> None:
    run(Path(__file__).parents[1] / "01_inspections.sql")


def downgrade(run: Callable[[Path], None]) -> None:
    run(Path(__file__).parents[1] / "01_inspections_down.sql")
