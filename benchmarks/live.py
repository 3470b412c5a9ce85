"""What clinics feel while a migration waits for its table: this script beside what else people run.

`python -m benchmarks.live` prints a table, a line a way and a column a situation, and writes it to benchmarks/results.
Run it on a quiet machine.
"""

import argparse
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import errors

from steps.support.options import parse
from steps.support.postgres.choose import choose
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS, PRODUCT
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.writers import Writers
from tests.background import autovacuum, many, overlapping

RESULTS = Path(__file__).parent / "results"
ALTER = "ALTER TABLE patients " + ", ".join(  # the specification's section 4
    f"ADD COLUMN IF NOT EXISTS {name} {column.definition}" for name, column in META_ADS.columns.items()
)
BACK = "ALTER TABLE patients " + ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in META_ADS.columns)
HELD_SECONDS = 4.0
LIMIT_SECONDS = 15.0  # then a way is said to have given up
FLOOR_SECONDS = 5.0
AFTERMATH_SECONDS = 0.5

Way = Callable[[Database], bool | None]  # migrates; returns whether it is done, None where there is nothing to do
LeftAt = Callable[[], float | None]  # when what was in the way left, on the monotonic clock; None where it stays


def script(path: Path) -> Way:
    """A script that reads migration.deadline, by psql."""
    return lambda database: run_file(database, path, {"migration.deadline": f"{LIMIT_SECONDS}s"}).succeeded


def retrying(lock_timeout_ms: int, base: float, cap: float) -> Way:
    """The ALTER with a lock_timeout, and random pauses under a bound that doubles from `base` to `cap` seconds."""

    def run(database: Database) -> bool:
        chance, bound, end = random.Random(1), base, time.monotonic() + LIMIT_SECONDS
        connection = psycopg2.connect(database.driver_dsn(), application_name="migration")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {lock_timeout_ms}")
                while time.monotonic() < end:
                    try:
                        cursor.execute(ALTER)
                    except errors.LockNotAvailable:
                        time.sleep(max(0, min(chance.uniform(0, bound), end - time.monotonic())))
                        bound = min(cap, bound * 2)
                    else:
                        return True
            return False
        finally:
            connection.close()

    return run


def floor(_database: Database) -> None:
    """No migration at all, under the same load."""
    time.sleep(FLOOR_SECONDS)


WAYS: dict[str, Way] = {
    "no migration (the floor)": floor,
    "plain ALTER (spec, section 4)": retrying(0, 0, 0),
    "lock_timeout 500 ms, jittered retries (pgroll)": retrying(500, 1, 60),
    "lock_timeout 50 ms, retries (postgres.ai)": retrying(50, 0.01, 60),
    "this script": script(META_ADS.script),
}


@contextmanager
def reader(database: Database) -> Iterator[LeftAt]:
    """A report reads the table for some seconds and leaves."""
    left: list[float] = []
    with Blocker(database, META_ADS, KINDS["un informe largo"]) as blocker:

        def leave() -> None:
            blocker.leave()
            left.append(time.monotonic())

        timer = threading.Timer(HELD_SECONDS, leave)
        timer.start()
        try:
            yield lambda: left[0] if left else None
        finally:
            timer.join()


@contextmanager
def staying(situation: AbstractContextManager[None]) -> Iterator[LeftAt]:
    """What is in the way as long as the block lasts."""
    with situation:
        yield lambda: None


SITUATIONS: dict[str, Callable[[Database], AbstractContextManager[LeftAt]]] = {
    f"a reader holds it for {HELD_SECONDS:.0f} s": reader,
    "transactions of 50 ms overlap": lambda database: staying(overlapping(database, META_ADS, 0.05)),
    "transactions of 300 ms overlap": lambda database: staying(overlapping(database, META_ADS, 0.3)),
    "an autovacuum is at work": lambda database: staying(autovacuum(database, META_ADS)),
}


def tried(database: Database, situation: Callable[[Database], AbstractContextManager[LeftAt]], way: Way) -> str:
    """What eight writers felt of one way in one situation: the longest write, and when the way was done."""
    with database.connect() as connection:
        connection.exec_driver_sql(BACK)
        connection.exec_driver_sql("DELETE FROM patients WHERE phone_number LIKE '+t%%'")
        connection.exec_driver_sql("ALTER TABLE patients RESET (autovacuum_enabled)")
    with situation(database) as left_at, Writers(database, META_ADS) as writers:
        began = time.monotonic()
        done = way(database)
        ended, left = time.monotonic(), left_at()
        time.sleep(AFTERMATH_SECONDS)
    longest = max(wait for start, wait in writers.waits if start + wait >= began)
    cell = f"{longest * 1000:,.0f} ms"
    if done is None:
        return cell
    end = f"{ended - left:.2f} s after it left" if left else f"{ended - began:.2f} s"
    return f"{cell}; {end if done else 'not done'}"


def main() -> None:
    """Run every way in every situation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="patients in the table (default: %(default)s)")
    parser.add_argument("--postgres", help="URL of a server made for this, with a superuser (default: an embedded one)")
    parser.add_argument("--beside", type=Path, metavar="FILE", help="another version of the script, side by side")
    arguments = parser.parse_args()
    options = parse({"postgres": arguments.postgres or "embedded"}, PRODUCT)
    ways = WAYS | ({f"beside it: {arguments.beside.name}": script(arguments.beside)} if arguments.beside else {})
    server, _ = choose(options.postgres, options.image)
    pool = Pool(server)
    lines = [
        f"# Longest write while a way to migrate waits, and when it is done: `python -m benchmarks.live`\n\n"
        f"Postgres {server.version}, {arguments.rows:,} patients, 8 writers, {os.cpu_count()} cores.\n",
        f"| | {' | '.join(SITUATIONS)} |",
        "|---" * (len(SITUATIONS) + 1) + "|",
    ]
    try:
        database = pool.create("bench")
        many(database, arguments.rows)
        for title, way in ways.items():
            cells = [tried(database, situation, way) for situation in SITUATIONS.values()]
            lines.append(f"| {title} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    finally:
        pool.drop_all(but=set())
        server.stop()
    RESULTS.joinpath(f"live-{server.major}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
