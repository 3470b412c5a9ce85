"""docs/backend.md: every example runs as it stands, and what it says is not guaranteed is so."""

import re
from typing import Any

import psycopg2
import pytest
import sqlalchemy
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from orchestrator_service.db import tenancy
from orchestrator_service.db.base import Base
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from tests.tenancy.clinics import DOCS, INVOICES, LOGINS, NORTH, ROLE, SCRIPT, SOUTH, theirs

UPSERT, WORK, TABLE = re.findall(r"```python\n(.*?)```", DOCS, re.S)
READ = "SELECT notes FROM patients"
# What the document calls it; what was done before; what a session of SOUTH then sends, and next one of NORTH.
REACHES: dict[str, tuple[str, str, str]] = {
    "set_config('app.tenant_id', '3', true)": ("", "", f"SELECT set_config('app.tenant_id', '{SOUTH}', true); {READ}"),
    "a temporary table": ("", f"CREATE TEMP TABLE left_there AS {READ}", "SELECT * FROM left_there"),
    "a cursor WITH HOLD": ("", f"DECLARE left_there CURSOR WITH HOLD FOR {READ}", "FETCH ALL FROM left_there"),
    "large objects": (
        "",
        f"SELECT lo_from_bytea(47, notes::bytea) FROM ({READ} LIMIT 1) p",
        "SELECT convert_from(lo_get(47), 'UTF8')",
    ),
    "materialized views": (f"CREATE MATERIALIZED VIEW m AS {READ}; GRANT SELECT ON m TO {ROLE}", "", "TABLE m"),
    "views": (f"CREATE VIEW v AS {READ}; GRANT SELECT ON v TO {ROLE}", "", "SELECT * FROM v"),
}


def _run(example: str) -> dict[str, Any]:
    """What an example names, with NORTH for its clinic 5."""
    names: dict[str, Any] = {}
    exec(compile(example.replace("5, ", f"{NORTH}, ").replace("=5)", f"={NORTH})"), "backend.md", "exec"), names)
    return names


def _sent(engine: Engine, *by_clinic: tuple[int, str]) -> list[Any]:
    """What the last gives back, each sent by the driver in a session of its clinic, by turns on one connection."""
    found: list[Any] = []
    for clinic, sql in by_clinic:
        with ClinicSession(engine, tenant_id=clinic) as session:
            cursor = session.connection().connection.cursor()
            cursor.execute(sql)
            found = list(cursor.fetchall()) if cursor.description else []
            session.commit()
    return found


def test_a_clinics_work(own_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlalchemy, "create_engine", lambda _url: own_engine)
    names = _run(WORK)
    assert (len(names["patients"]), names["patient"], names["count"]) == (4, None, 15)


def test_the_upsert_keeps_what_was_not_given(own_clinics: Database) -> None:
    names = _run(UPSERT)
    naive = insert(Patient).values(names["given"])
    every = {one.name: one for one in naive.excluded if one.name != "id"}
    naive = naive.on_conflict_do_update(index_elements=["tenant_id", "phone_number"], set_=every)
    with own_clinics.connect() as admin:
        admin.exec_driver_sql("UPDATE patients SET phone_number = '+5491155555555' WHERE id = 11")
        source = text("SELECT acquisition_source FROM patients WHERE id = 11")
        for statement, wanted in ((names["upsert"], "META_ADS"), (naive, "ORGANIC")):
            admin.execute(statement)
            assert admin.scalar(source) == wanted


def test_a_services_own_table(own_clinics: Database, own_engine: Engine) -> None:
    try:
        invoice = _run(TABLE)["Invoice"]
        with own_clinics.connect() as admin:
            admin.exec_driver_sql(INVOICES)
        verify = {"migration.verify": "yes"}
        assert "public.invoices" in psql.run_file(own_clinics, SCRIPT, verify).detail
        assert psql.run_file(own_clinics, SCRIPT).succeeded
        assert psql.run_file(own_clinics, SCRIPT, verify).succeeded
        with ClinicSession(own_engine, tenant_id=NORTH) as session:
            session.add(invoice(patient_id=11))
            session.commit()
            session.add(invoice(patient_id=1001))
            with pytest.raises(IntegrityError, match="foreign key"):
                session.commit()
        assert _sent(own_engine, (SOUTH, "SELECT count(*) FROM invoices")) == [(0,)]
    finally:
        Base.metadata.remove(Base.metadata.tables["invoices"])


def test_the_login(own_clinics: Database) -> None:
    with own_clinics.connect() as admin:
        admin.exec_driver_sql(f"{LOGINS}; DROP ROLE clinic_backend")


@pytest.mark.parametrize("what", REACHES)
def test_it_reaches_another_clinic_as_documented(what: str, own_clinics: Database, own_engine: Engine) -> None:
    before, south, north = REACHES[what]
    assert what in DOCS
    with own_clinics.connect() as admin:
        admin.exec_driver_sql(before or "SELECT 1")
    assert theirs([tuple(row) for row in _sent(own_engine, (SOUTH, south or "SELECT 1"), (NORTH, north))])


def test_a_unique_key_speaks_of_all_rows(own_engine: Engine) -> None:
    taken = f"INSERT INTO patients (id, tenant_id, phone_number, first_name) VALUES (1001, {NORTH}, 'x', 'x')"
    with pytest.raises(psycopg2.errors.UniqueViolation):
        _sent(own_engine, (NORTH, taken))


def test_every_error_is_in_the_table() -> None:
    errors = {error.__name__ for error in tenancy.TenancyError.__subclasses__()}
    assert errors | {"NotMigratedError", "UnstorableValueError"} == set(re.findall(r"^\| `(\w+)` \|", DOCS, re.M))
