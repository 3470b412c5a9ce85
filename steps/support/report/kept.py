"""A run that is over, as one file keeps it for the next to be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from steps.support.report.status import State


@dataclass(frozen=True)
class Ended:
    """How a scenario of a run that is over ended, and by what cause, in a sentence."""

    title: str
    place: str
    state: State
    cause: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """What it is known by from run to run: a line is no part of it."""
        return self.place.rpartition(":")[0], self.title


@dataclass(frozen=True)
class Result:
    """A run that is over, as `-D result` keeps it."""

    began: datetime
    scenarios: Sequence[Ended]
