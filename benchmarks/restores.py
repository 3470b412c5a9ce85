"""Restores a dump beside pg_restore and psql alone, takes evidence beside count(*); adds a table to the results.

python -m benchmarks.restores --patients 1000000 --rounds 3
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.rehearsals import RESULTS
from steps.support.evidence.before_after import Evidence
from steps.support.evidence.tables import tables
from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import PRODUCT
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.snapshot import look_at
from tests.rehearsal.snapshots import dump, product


def main() -> None:
    """Time everything in turns, print the table, add it to the results."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.restores", description=__doc__)
    arguments.add_argument("--patients", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    server = embedded.start()
    try:
        with tempfile.TemporaryDirectory(prefix="meta-ads-restores-") as folder:
            lines = _measured(server, Path(folder), given.patients, given.rounds)
    finally:
        server.stop()
    command = f"`python -m benchmarks.restores --patients {given.patients} --rounds {given.rounds}`"
    text = "\n".join(["", f"## {given.patients:,} patients, beside the programs alone", "", command, "", *lines, ""])
    print(text)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(text)


def _measured(server: Server, folder: Path, patients: int, rounds: int) -> list[str]:
    with product(server, patients) as database:
        archive, plain = dump(database, folder, "custom.dump"), dump(database, folder, "plain.sql")
    pool = Pool(server)
    seen = look_at(archive, PRODUCT)

    def alone(*command: str) -> Callable[[Database], object]:
        def run(database: Database) -> None:
            environ = {**os.environ, "PGPASSWORD": str(database.url.password)}
            address = f"--dbname={database.libpq_url()}"
            subprocess.run(
                [embedded.client(command[0]), *command[1:], address], env=environ, capture_output=True, check=False
            )
            with database.connect() as connection:
                connection.exec_driver_sql("ANALYZE")

        return run

    ways: dict[str, Callable[[Database], object]] = {
        "pg_restore": alone("pg_restore", str(archive)),
        "pg_restore -j2": alone("pg_restore", "--jobs=2", str(archive)),
        "psql": alone("psql", "--quiet", "--output=/dev/null", f"--file={plain}"),
        "rehearsal, custom": lambda database: restore(seen, database, server),
        "rehearsal, plain": lambda database: restore(look_at(plain, PRODUCT), database, server),
    }
    took: dict[str, list[float]] = {}
    for number in range(rounds):
        for name, way in ways.items():
            database = pool.create(f"r{number}_{len(took)}", real=True)
            _timed(took, name, partial(way, database))
            if (number, name) == (rounds - 1, "rehearsal, plain"):
                break
            pool.drop(database)
    for _ in range(rounds):
        _timed(took, "count(*) of every table", lambda: _counted(database))
        _timed(took, "evidence", lambda: Evidence.take(database, database, PRODUCT.tenant))
        _timed(took, "a scenario's copy", lambda: pool.drop(pool.clone(database, "clone")))
    with database.connect() as connection:
        size = int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pool.drop_all(but=set())
    pool.close()
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; medians of {rounds}, in turns; ANALYZE included."
    room = f"{seen.size / 1e6:,.0f} MB as text, {size / 1e6:,.0f} MB restored: {size / seen.size:.2f} times."
    rows = [f"| {name} | {statistics.median(times):.2f} s |" for name, times in took.items()]
    return [f"Postgres {server.version}, {load} {room}", "", "| | |", "|---|--:|", *rows]


def _timed(took: dict[str, list[float]], name: str, what: Callable[[], object]) -> None:
    began = time.monotonic()
    what()
    took.setdefault(name, []).append(time.monotonic() - began)


def _counted(database: Database) -> None:
    with database.connect() as connection:
        for table in tables(connection):
            connection.exec_driver_sql(f"SELECT count(*) FROM {table.source}", ())


if __name__ == "__main__":
    main()
