"""Puts the product's tables, and the clinics and patients in them, into an empty database."""

from pathlib import Path

from psycopg2.extras import Json
from sqlalchemy import Connection

from steps.support import output
from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.seeds.people import AWKWARD, CLINICS, Row

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

# Ids have gaps, as after deletions, and clinics alternate.
AWKWARD_ONES = [
    {"id": n + n // 7 + 1, "tenant_id": n % len(CLINICS) + 1, "phone_number": f"+54911{n:08d}", **row}
    for n, row in enumerate(AWKWARD)
]
ORDINARY = f"""
INSERT INTO patients (id, tenant_id, phone_number, first_name, last_name, dni, birth_date, insurance_provider,
                      medical_history, status, human_handoff_requested, notes, created_at, updated_at)
SELECT n + n / 7 + 1, mod(n, {len(CLINICS)}) + 1, '+54911' || lpad(n::text, 8, '0'),
       (ARRAY['Sofía', 'Martín', 'Lucía', 'Tomás', 'Iñaki', 'Belén', 'Ramón', 'Zoé', 'Íñigo'])[mod(n, 9) + 1],
       (ARRAY['Pérez', 'D''Amico', 'Muñoz', 'Güemes', 'De la Cruz', 'Ibáñez', 'O''Connor'])[mod(n, 7) + 1],
       CASE WHEN mod(n, 5) > 0 THEN lpad((n * 7919::bigint)::text, 15, '0') END, date '1930-01-01' + mod(n * 97, 33000),
       (ARRAY[NULL, 'OSDE', 'Swiss Medical', 'Galeno ', 'IOMA', ''])[mod(n, 6) + 1],
       jsonb_build_object('visitas', mod(n, 40), 'nota', (ARRAY['', 'fuma', NULL])[mod(n, 3) + 1]),
       (ARRAY['active', 'active', 'inactive'])[mod(n, 3) + 1], false,
       (ARRAY[NULL, '', 'Prefiere la mañana', 'Llamar antes; no atiende «después» de las 18'])[mod(n, 4) + 1],
       timestamptz '2025-01-01 10:00+00' + mod(n, 365) * interval '1 day', '2026-01-15 09:30:00.123456+00'
FROM generate_series({len(AWKWARD)}, {{}} - 1) AS n
"""
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
        _insert(connection, "tenants", [{"id": n, **row} for n, row in enumerate(CLINICS, start=1)])
        _insert(connection, "patients", AWKWARD_ONES)
    _run(database, ORDINARY.format(patient_count))
    _run(database, EPILOGUE)


def _run(database: Database, sql: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def _insert(connection: Connection, table: str, rows: list[Row]) -> None:
    connection.exec_driver_sql(INSERT.format(table), (Json([DEFAULTS[table] | row for row in rows]),))
