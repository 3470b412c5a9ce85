"""The table of the day before."""

from collections.abc import Callable
from pathlib import Path

revision = "0001"
down_revision = None


def upgrade(run: Callable[[Path], None]) -> None:
    run(Path(__file__).parents[1] / "00_vehicles.sql")
