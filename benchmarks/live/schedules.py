"""The ways to run the migration that are compared, each as its users do it."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import errors

from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS

# The specification's section 4.
PLAIN = "ALTER TABLE patients " + ", ".join(
    f"ADD COLUMN IF NOT EXISTS {n} {column.definition}" for n, column in META_ADS.columns.items()
)
SEED = 1


@dataclass(frozen=True)
class Schedule:
    """A way to migrate. `run` does it, giving up after so many seconds, and returns whether it is done."""

    name: str
    run: Callable[[Database, float], bool]


def nothing(_database: Database, seconds: float) -> bool:
    """The floor: the same load for as long, and nobody migrates."""
    time.sleep(seconds)
    return False


def script(path: Path) -> Callable[[Database, float], bool]:
    """A script that takes migration.deadline, by psql."""

    def run(database: Database, seconds: float) -> bool:
        return run_file(database, path, {"migration.deadline": f"{seconds:.0f}s"}).succeeded

    return run


def _alter(lock_timeout_ms: int, pauses: Callable[[], Iterator[float]]) -> Callable[[Database, float], bool]:
    def run(database: Database, seconds: float) -> bool:
        end = time.monotonic() + seconds
        connection = psycopg2.connect(database.driver_dsn(), application_name="migration")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {lock_timeout_ms}")
                for pause in pauses():
                    try:
                        cursor.execute(PLAIN)
                    except errors.LockNotAvailable:
                        time.sleep(max(0, min(pause, end - time.monotonic())))
                    else:
                        return True
                    if time.monotonic() >= end:
                        break
            return False
        finally:
            connection.close()

    return run


def _once() -> Iterator[float]:
    yield 0


def _full_jitter(base: float, cap: float) -> Callable[[], Iterator[float]]:
    """Pauses of random length under a bound that doubles from `base` to `cap` seconds."""

    def pauses() -> Iterator[float]:
        chance = random.Random(SEED)
        bound = base
        while True:
            yield chance.uniform(0, bound)
            bound = min(cap, bound * 2)

    return pauses


SCHEDULES = [
    Schedule("no migration (the floor)", nothing),
    Schedule("plain ALTER (spec, section 4)", _alter(0, _once)),
    Schedule("lock_timeout 500 ms, jittered retries (pgroll)", _alter(500, _full_jitter(1, 60))),
    Schedule("lock_timeout 50 ms, retries (postgres.ai)", _alter(50, _full_jitter(0.01, 60))),
    Schedule("this script", script(META_ADS.script)),
]


def beside(path: Path) -> list[Schedule]:
    """The floor, this script and another version of it."""
    return [SCHEDULES[0], Schedule(f"beside it: {path.name}", script(path)), SCHEDULES[-1]]
