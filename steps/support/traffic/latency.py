"""What a migration was like for those who were writing: what the report draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Stretch = tuple[float, float]  # when it began, how long it took


@dataclass(frozen=True)
class Latency:
    """A scenario's writes and migrations, in seconds on one clock.

    `done` of the writes were confirmed. `budget` is the migration's own limit for a wait; no scenario checks it,
    as a busy machine would fail it.
    """

    waits: Sequence[Stretch]
    migrations: Sequence[Stretch]
    done: int
    budget: float

    @property
    def longest(self) -> float:
        """How long the write took that took longest."""
        return max(wait for _, wait in self.waits)

    @cached_property
    def began(self) -> float:
        """When the first write began."""
        return min(began for began, _ in self.waits)

    @cached_property
    def seconds(self) -> float:
        """From the first write to the last end."""
        return max(began + took for began, took in (*self.waits, *self.migrations)) - self.began

    def percent(self, moment: float) -> float:
        """How much of the time has passed at a moment."""
        return 100 * (moment - self.began) / self.seconds

    @property
    def bars(self) -> Sequence[float]:
        """For each hundredth of the time, the longest write in progress."""
        bars = [0.0] * 100
        for began, wait in self.waits:
            for number in range(int(self.percent(began)), min(int(self.percent(began + wait)) + 1, len(bars))):
                bars[number] = max(bars[number], wait)
        return bars
