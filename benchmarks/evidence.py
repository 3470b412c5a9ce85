"""What the content evidence costs, beside counting the rows and beside comparing them in Python, in one run.

`python -m benchmarks.evidence --rows 10000000`
"""

import argparse
import hashlib
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from steps.support.evidence import content
from steps.support.evidence.tables import tables
from steps.support.postgres import embedded
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import connect
from tests.background import many

RESULTS = Path(__file__).parent / "results" / "evidence.md"
TURNS = 4


def count(database: Database) -> None:
    """What the ratio is to."""
    with database.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM patients").scalar_one()


def evidence(database: Database) -> None:
    """What the suite does for patients."""
    with content.exact(database) as connection:
        table = next(table for table in tables(connection) if table.name == "patients")
        content.fingerprint(connection, table)


def in_python(database: Database) -> None:
    """Rows read through a cursor on the server, each hashed: the least that comparing in Python takes."""
    with connect(database.url) as connection:
        driver: Any = connection.connection.driver_connection
        driver.autocommit = False
        with driver.cursor("rows") as cursor:
            cursor.itersize = 10_000
            cursor.execute("SELECT * FROM patients")
            total = 0
            for row in cursor:
                total ^= int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "big")
        driver.rollback()


def timed(what: Callable[[Database], None], database: Database) -> float:
    """How long it takes, in seconds."""
    started = time.monotonic()
    what(database)
    return time.monotonic() - started


def memory() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    server = embedded.start(large=True)
    try:
        database = Pool(server).create("bench")
        many(database, rows)
        count(database)
        before = memory()
        # By turns, so that both have the machine as it was.
        turns = [(timed(count, database), timed(evidence, database)) for _ in range(TURNS)]
        counted, taken = map(min, zip(*turns, strict=True))
        grown = memory() - before
        read = timed(in_python, database)
    finally:
        server.stop()
    text = f"""# Evidence of {rows:,} patients: `python -m benchmarks.evidence --rows {rows}`

Postgres {server.version} (embedded), {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.

| | seconds | × the count | client memory |
|---|--:|--:|--:|
| `SELECT count(*)` | {counted:.2f} | 1 | |
| evidence of every column of every row | {taken:.2f} | {taken / counted:.1f} | +{grown:.0f} MB |
| the rows read and hashed in Python | {read:.2f} | {read / counted:.1f} | |
"""
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
