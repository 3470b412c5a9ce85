"""What the content evidence costs, beside counting the rows and beside comparing them in Python, in one run.

python -m benchmarks.evidence --rows 10000000          (make bench-evidence)
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
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import connect
from steps.support.seeds import seed

RESULTS = Path(__file__).parent / "results" / "evidence.md"
BATCH = 500_000
TURNS = 4
FILL = """
INSERT INTO patients (id, tenant_id, phone_number, dni, first_name, last_name, birth_date, insurance_provider,
                      medical_history, email, notes, created_at, updated_at)
SELECT i, i %% 5 + 1, '+549' || i, i::text, 'Nombre ' || i %% 997, 'Apellido ' || i %% 771,
       date '1970-01-01' + (i %% 9000)::int, 'OSDE',
       jsonb_build_object('visitas', i %% 40), 'p' || i || '@correo.ar', 'Prefiere la mañana', now(), now()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) i
"""


def fill(database: Database, rows: int) -> None:
    """The product's patients, without its indexes but the key: a server's time is measured, not its disk."""
    seed.tables(database)
    with database.connect() as connection:
        for name in ("phone", "dni"):
            connection.exec_driver_sql(f"DROP INDEX idx_patients_tenant_{name}")
        connection.exec_driver_sql("ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_phone_number_key, "
                                   "DROP CONSTRAINT patients_tenant_id_dni_key; DROP INDEX idx_patients_status, idx_patients_insurance")  # fmt: skip  # noqa: E501
        connection.exec_driver_sql(
            "INSERT INTO tenants (id, clinic_name, bot_phone_number) SELECT i, i, i FROM generate_series(1, 5) i"
        )
        for first in range(1, rows + 1, BATCH):
            last = min(first + BATCH - 1, rows)
            connection.exec_driver_sql(FILL, {"first": first, "last": last})
        connection.exec_driver_sql("VACUUM ANALYZE patients")


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
        fill(database, rows)
        count(database)
        before = memory()
        # By turns, so that both have the machine as it was.
        turns = [(timed(count, database), timed(evidence, database)) for _ in range(TURNS)]
        counted, taken = map(min, zip(*turns, strict=True))
        grown = memory() - before
        read = timed(in_python, database)
    finally:
        server.stop()
    load = os.getloadavg()[0]
    lines = [
        f"# Evidence of {rows:,} patients",
        "",
        f"Postgres {server.version} (embedded), {os.cpu_count()} cores, load {load:.1f} at the end; "
        f"made by `python -m benchmarks.evidence --rows {rows}`.",
        "",
        "| | seconds | × the count | client memory |",
        "|---|---|---|---|",
        f"| `SELECT count(*)` | {counted:.2f} | 1 | |",
        f"| evidence of every column of every row | {taken:.2f} | {taken / counted:.1f} | +{grown:.0f} MB |",
        f"| the rows read and hashed in Python | {read:.2f} | {read / counted:.1f} | |",
        "",
        f"The evidence takes {read / taken:.1f} times less than Python.",
    ]
    print("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
