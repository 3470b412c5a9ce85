"""Puts the product's tables, and the clinics and patients in them, into an empty database."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from psycopg2 import Error
from sqlalchemy import Connection

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.progress import Advance, progress
from steps.support.seeds.people import Row, clinics, copy_text, patients

BASELINE = ROOT / "migrations" / "00_baseline.sql"
SEEDED = Path(__file__).with_name("seeded.sql")
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

MANY = """
INSERT INTO tenants (clinic_name, bot_phone_number)
    SELECT 'Clínica ' || i, '+54' || i FROM generate_series(1, 50) AS i;
INSERT INTO patients (tenant_id, phone_number, dni, first_name, last_name, birth_date, email, notes)
    SELECT i % 50 + 1, '+549' || i, lpad(i::text, 9, '0'), 'Nombre ' || i % 997, 'Apellido ' || i % 4001,
           date '1940-01-01' + i % 28000, 'paciente' || i || '@example.com', repeat('Control anual. ', i % 12)
    FROM generate_series(1, {count}) AS i;
"""


def tables(database: Database) -> None:
    """The tables of the day before, empty and as the migration's authors state them."""
    _run(database, BASELINE.read_text(encoding="utf-8"))


def fill(database: Database, patient_count: int) -> None:
    """The tables as years of use leave them, with `patient_count` patients in several clinics."""
    tables(database)
    _run(database, SEEDED.read_text(encoding="utf-8"))
    with database.connect() as connection:
        _copy(connection, "tenants", clinics())
        with progress("Seeding patients", total=patient_count) as advance:
            _copy(connection, "patients", _counted(patients(patient_count), advance))
    _run(database, EPILOGUE)


def many(database: Database, patient_count: int) -> None:
    """The tables with `patient_count` ordinary patients in fifty clinics, made in the server: for benchmarks."""
    tables(database)
    _run(database, MANY.format(count=patient_count))
    _run(database, "VACUUM (ANALYZE) patients")


def _counted(rows: Iterable[Row], advance: Advance) -> Iterator[Row]:
    for row in rows:
        advance()
        yield row


def _run(database: Database, sql: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def _copy(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    columns = connection.exec_driver_sql(
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
        f"WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
    ).scalar_one().split(",")  # fmt: skip
    lines = ("\t".join(copy_text({**DEFAULTS[table], **row}.get(column)) for column in columns) + "\n" for row in rows)
    driver: Any = connection.connection.driver_connection
    stream = _Stream(lines)
    with driver.cursor() as cursor:
        try:
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", stream)
        except Error as error:
            # The driver tells of what was raised while it read as an error of the server's; an interruption mostly
            # comes at the very entrance of read(), where nothing of ours can keep it.
            if KeyboardInterrupt.__name__ in str(error):
                raise KeyboardInterrupt from None
            raise stream.broken or error from None


class _Stream(io.TextIOBase):
    """The lines as the file psycopg2 reads from, a block at a time however many there are."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""
        self.broken: BaseException | None = None

    def read(self, size: int | None = -1) -> str:
        """The next `size` characters, or fewer at the end; what is raised meanwhile is also kept as `broken`."""
        try:
            return self._block(size)
        except BaseException as error:
            self.broken = error
            raise

    def _block(self, size: int | None) -> str:
        wanted = size if size is not None and size >= 0 else 1 << 62
        pieces, length = [self._rest], len(self._rest)
        while length < wanted:
            line = next(self._lines, "")
            if not line:
                break
            pieces.append(line)
            length += len(line)
        block = "".join(pieces)
        self._rest = block[wanted:]
        return block[:wanted]
