"""What stands in a migration's way: a reader, transactions that overlap without a gap, an autovacuum."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from steps.support.harness.concurrency.background import OVERLAP_SECONDS, autovacuum, overlapping
from steps.support.harness.concurrency.blockers import KINDS, Blocker
from steps.support.harness.databases.database import Database
from steps.support.spec.product import META_ADS

HELD_SECONDS = 6.0


@dataclass(frozen=True)
class Obstacle:
    """What is in the way of one run; `left_at` says when (monotonic seconds) it left, None if it has not."""

    left_at: Callable[[], float | None] = lambda: None


@dataclass(frozen=True)
class Situation:
    """A named obstacle, and how long (seconds) a schedule may take before it is said to have given up."""

    name: str
    limit: float
    obstacle: Callable[[Database], AbstractContextManager[Obstacle]]


@contextmanager
def held_by_a_reader(database: Database) -> Iterator[Obstacle]:
    """A report reads the table for some seconds and leaves."""
    left: list[float] = []
    with Blocker(database, META_ADS, KINDS["un informe largo"]) as holder:

        def leave() -> None:
            holder.leave()
            left.append(time.monotonic())

        timer = threading.Timer(HELD_SECONDS, leave)
        timer.start()
        try:
            yield Obstacle(lambda: left[0] if left else None)
        finally:
            timer.join()


@contextmanager
def overlapped(database: Database) -> Iterator[Obstacle]:
    """Short transactions, each begun before the last one ends."""
    with overlapping(database, META_ADS):
        yield Obstacle()


@contextmanager
def vacuumed(database: Database) -> Iterator[Obstacle]:
    """An autovacuum at work, slowed so that it would take minutes."""
    with autovacuum(database, META_ADS):
        yield Obstacle()


SITUATIONS = [
    Situation(f"a reader holds the table for {HELD_SECONDS:.0f} s", 20, held_by_a_reader),
    Situation(f"transactions of {OVERLAP_SECONDS * 1000:.0f} ms overlap without a gap", 10, overlapped),
    Situation("an autovacuum is working on the table", 6, vacuumed),
]
