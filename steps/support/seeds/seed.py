"""Puts the product's tables, and the clinics and patients in them, into an empty database."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from psycopg2.extras import Json
from sqlalchemy import Connection

from steps.support import output
from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.seeds.people import Row, clinics, patients

BASELINE = ROOT / "migrations" / "00_baseline.sql"
SEEDED = Path(__file__).with_name("seeded.sql")
MENTIONED = 20_000  # patients, whose seeding takes some seconds
INSERT = "INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)"
DAY = "2026-01-02 03:04:05.678901+00"

# What a column without a value in a seed row gets: what its default would have been, at a fixed time.
DEFAULTS: dict[str, Row] = {
    "tenants": {"created_at": DAY, "updated_at": DAY},
    "patients": {
        "medical_history": {}, "status": "active", "human_handoff_requested": False,
        "created_at": DAY, "updated_at": DAY,
    },
}  # fmt: skip

# The sequences stand past the last row, as after a deletion: a restart or a lost position shows.
EPILOGUE = """
INSERT INTO appointments (patient_id, starts_at)
    SELECT id, timestamptz '2026-12-01 09:00+00' + id * interval '20 minutes' FROM patients ORDER BY id LIMIT 40;
SELECT setval('tenants_id_seq', (SELECT max(id) + 3 FROM tenants)),
       setval('patients_id_seq', (SELECT max(id) + 7 FROM patients));
ANALYZE;
"""


def tables(database: Database) -> None:
    """The tables of the day before, empty and as the migration's authors state them."""
    _run(database, BASELINE.read_text(encoding="utf-8"))


def fill(database: Database, patient_count: int) -> None:
    """The tables as years of use leave them, with `patient_count` patients in several clinics."""
    if patient_count >= MENTIONED:
        output.say(f"Seeding {patient_count:,} patients …")
    tables(database)
    _run(database, SEEDED.read_text(encoding="utf-8"))
    with database.connect() as connection:
        _insert(connection, "tenants", clinics())
        _insert(connection, "patients", patients(patient_count))
    _run(database, EPILOGUE)


def _run(database: Database, sql: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def _insert(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    # Not COPY: psycopg2 has none with a wait callback, which an interrupt needs.
    while some := [DEFAULTS[table] | row for row in islice(rows, 1000)]:
        connection.exec_driver_sql(INSERT.format(table), (Json(some),))
