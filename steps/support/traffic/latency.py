"""What went on beside a migration, and what it was like for those who were writing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Wait = tuple[float, float]  # when a write began, how long it took


@dataclass(frozen=True)
class Span:
    """What a session did, from when until when."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True)
class Latency:
    """A scenario's traffic: its writes, when migrations ran, when another session held the table.

    `done` of the writes were confirmed, `failures` were not, as was a session that could not even connect.
    Times are seconds since the traffic began, which ended at `seconds`. A migration means to keep no write
    waiting for longer than `budget`: what it sets itself, not what a scenario asserts of a busy machine.
    """

    waits: Sequence[Wait]
    done: int
    seconds: float
    budget: float
    writers: int = 8
    failures: int = 0
    migrations: Sequence[Span] = ()
    blockers: Sequence[Span] = ()

    @property
    def length(self) -> float:
        """Until when there is something to show; never 0."""
        ends = [began + wait for began, wait in self.waits] + [one.ended for one in (*self.migrations, *self.blockers)]
        return max([self.seconds, *ends, 0.001])

    @property
    def longest(self) -> Wait | None:
        """The write that took longest; the first, of equals."""
        return max(sorted(self.waits), key=lambda wait: wait[1], default=None)


def longest_under_way(waits: Iterable[Wait], bin_seconds: float) -> dict[int, float]:
    """Of every stretch of time in which a write was under way, by its number, the longest one took in all.

    Not only where it began: a write that waits for three seconds is felt in every moment of them.
    """
    longest: dict[int, float] = {}
    for began, wait in waits:
        last = math.floor((began + wait) / bin_seconds)
        for number in range(max(0, math.floor(began / bin_seconds)), last + 1):
            longest[number] = max(longest.get(number, 0.0), wait)
    return longest
