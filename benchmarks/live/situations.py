"""What stands in a migration's way: a reader, transactions that overlap without a gap, an autovacuum."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from tests.background import autovacuum, overlapping

HELD_SECONDS = 6.0
OVERLAPS = (0.05, 0.1, 0.3)


LeftAt = Callable[[], float | None]  # when the blocker left, monotonic seconds; None if it has not


@dataclass(frozen=True)
class Situation:
    """A named blocker, and how long (seconds) a schedule may take before it is said to have given up."""

    name: str
    limit: float
    blocker: Callable[[Database], AbstractContextManager[LeftAt]]


@contextmanager
def held_by_a_reader(database: Database) -> Iterator[LeftAt]:
    """A report reads the table for some seconds and leaves."""
    left: list[float] = []
    with Blocker(database, META_ADS, KINDS["un informe largo"]) as reader:

        def leave() -> None:
            reader.leave()
            left.append(time.monotonic())

        timer = threading.Timer(HELD_SECONDS, leave)
        timer.start()
        try:
            yield lambda: left[0] if left else None
        finally:
            timer.join()


def overlapped(seconds: float) -> Callable[[Database], AbstractContextManager[LeftAt]]:
    """Transactions that last so long, each begun before the last one ends."""

    @contextmanager
    def in_the_way(database: Database) -> Iterator[LeftAt]:
        with overlapping(database, META_ADS, seconds):
            yield lambda: None

    return in_the_way


@contextmanager
def vacuumed(database: Database) -> Iterator[LeftAt]:
    """An autovacuum at work, slowed so that it would take minutes."""
    with autovacuum(database, META_ADS):
        yield lambda: None


SITUATIONS = [
    Situation(f"a reader holds the table for {HELD_SECONDS:.0f} s", 20, held_by_a_reader),
    *(
        Situation(f"transactions of {seconds * 1000:.0f} ms overlap without a gap", 10, overlapped(seconds))
        for seconds in OVERLAPS
    ),
    Situation("an autovacuum is working on the table", 6, vacuumed),
]
