"""What stands in a migration's way: a reader, transactions that overlap without a gap, an autovacuum."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg2
from sqlalchemy import text

from steps.support.databases.database import Database
from steps.support.live.holders import KINDS, Holder
from steps.support.live.patience import wait_until

HELD_SECONDS = 6.0
OVERLAP_SECONDS = 0.3
OVERLAPPING = 3

SLOW_VACUUM = (
    "ALTER TABLE patients SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, "
    "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1, "
    "autovacuum_vacuum_insert_scale_factor = 0)"
)
VACUUMING = text(
    "SELECT count(*) FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) "
    "WHERE relid = 'patients'::regclass AND backend_type = 'autovacuum worker'"
)


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
    with Holder(database, KINDS["un informe largo"]) as holder:

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
def overlapping(database: Database) -> Iterator[Obstacle]:
    """Short transactions, each begun before the last one ends."""
    stop = threading.Event()

    def work(number: int) -> None:
        connection = psycopg2.connect(database.driver_dsn(), application_name="holder")
        with connection.cursor() as cursor:
            stop.wait(number * OVERLAP_SECONDS / OVERLAPPING)
            while not stop.is_set():
                cursor.execute("SELECT id FROM patients LIMIT 1")
                stop.wait(OVERLAP_SECONDS)
                connection.rollback()
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(OVERLAPPING)]
    for thread in threads:
        thread.start()
    stop.wait(2 * OVERLAP_SECONDS)
    try:
        yield Obstacle()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def vacuumed(database: Database) -> Iterator[Obstacle]:
    """An autovacuum at work, slowed so that it would take minutes."""
    with database.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql(SLOW_VACUUM)
        connection.exec_driver_sql("UPDATE patients SET notes = coalesce(notes, '') || '.' WHERE mod(id, 20) = 0")
        try:
            wait_until(lambda: connection.execute(VACUUMING).scalar_one() > 0, "an autovacuum of patients")
            yield Obstacle()
        finally:
            connection.exec_driver_sql("ALTER SYSTEM RESET autovacuum_naptime")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("ALTER TABLE patients SET (autovacuum_enabled = off)")


SITUATIONS = [
    Situation(f"a reader holds the table for {HELD_SECONDS:.0f} s", 20, held_by_a_reader),
    Situation(f"transactions of {OVERLAP_SECONDS * 1000:.0f} ms overlap without a gap", 10, overlapping),
    Situation("an autovacuum is working on the table", 6, vacuumed),
]
