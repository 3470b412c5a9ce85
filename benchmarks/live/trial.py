"""One schedule in one situation, under load."""

import time
from dataclasses import dataclass

from benchmarks.live.schedules import Schedule
from benchmarks.live.situations import Situation
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.traffic.writers import Writers

FLOOR_SECONDS = 5.0
AFTERMATH_SECONDS = 0.5
SLOW = 0.1


@dataclass(frozen=True)
class Result:
    """What the writers felt. Times in seconds; `waits` are (since the start, how long a write took).

    `after` is how long after the blocker left the migration was done, None where it did not leave or did not end.
    """

    situation: str
    schedule: str
    done: bool
    took: float
    after: float | None
    waits: list[tuple[float, float]]

    @property
    def longest(self) -> float:
        """The longest a write took."""
        return max(wait for _, wait in self.waits)

    @property
    def slow(self) -> int:
        """How many writes took over 100 ms."""
        return sum(wait > SLOW for _, wait in self.waits)


def run(database: Database, situation: Situation, schedule: Schedule) -> Result:
    """Run the schedule in the situation, with eight writers before, during and a moment after."""
    _restore(database)
    limit = FLOOR_SECONDS if schedule.name.startswith("no migration") else situation.limit
    with situation.blocker(database) as left_at, Writers(database, META_ADS) as writers:
        began = time.monotonic()
        done = schedule.run(database, limit)
        ended = time.monotonic()
        left = left_at()
        time.sleep(AFTERMATH_SECONDS)
    waits = [(start - began, wait) for start, wait in writers.waits if start + wait >= began]
    after = ended - left if done and left is not None else None
    return Result(situation.name, schedule.name, done, ended - began, after, waits)


def _restore(database: Database) -> None:
    """The table as it was before any schedule ran: the columns and the writers' patients gone."""
    drops = ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in META_ADS.columns)
    with database.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE patients {drops}")
        connection.exec_driver_sql("DELETE FROM patients WHERE phone_number LIKE '+t%%'")
        connection.exec_driver_sql("ALTER TABLE patients RESET (autovacuum_enabled)")
