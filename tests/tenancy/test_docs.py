"""Every example of docs/backend.md, run in order as it stands, on two clinics that Postgres keeps apart."""

import re
from typing import Any

import pytest
import sqlalchemy
import sqlalchemy.ext.asyncio
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from orchestrator_service.db.base import Base
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.options import ROOT
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from tests.tenancy.isolation import APPOINTMENTS, SCRIPT
from tests.tenancy.two_clinics import NORTH, SOUTH

DOCS = (ROOT / "docs" / "backend.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", DOCS, re.S)
SQL = re.findall(r"```sql\n(.*?)```", DOCS, re.S)


def _names(database: Database, monkeypatch: pytest.MonkeyPatch, example: str) -> dict[str, Any]:
    """Run an example with its addresses standing for the test's database, and clinic 5 for NORTH."""

    def engine(_url: str) -> Engine:
        return create_engine(database.url)

    def async_engine(_url: str) -> AsyncEngine:
        return create_async_engine(database.url.set(drivername="postgresql+asyncpg"))

    monkeypatch.setattr(sqlalchemy, "create_engine", engine)
    monkeypatch.setattr(sqlalchemy.ext.asyncio, "create_async_engine", async_engine)
    names: dict[str, Any] = {}
    exec(
        compile(
            example.replace("tenant_id=5", f"tenant_id={NORTH}").replace("(5)", f"({NORTH})"), "backend.md", "exec"
        ),
        names,
    )
    return names


def test_a_clinics_work(own_clinics: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _names(own_clinics, monkeypatch, PYTHON[0])
    assert (len(names["patients"]), names["patient"], names["count"]) == (4, None, 15)
    assert {patient.tenant_id for patient in _names(own_clinics, monkeypatch, PYTHON[1])["patients"]} == {NORTH}
    assert dict(map(tuple, _names(own_clinics, monkeypatch, PYTHON[2])["by_clinic"])) == {NORTH: 15, SOUTH: 4}
    assert len(_names(own_clinics, monkeypatch, PYTHON[4])["patients"]) == 15
    assert len(PYTHON) == 5


def test_a_services_own_table(own_clinics: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        invoice = _names(own_clinics, monkeypatch, PYTHON[3])["Invoice"]
        with own_clinics.connect() as admin:
            admin.exec_driver_sql(SQL[1])
        assert psql.run_file(own_clinics, SCRIPT).succeeded
        engine = create_engine(own_clinics.url)
        with ClinicSession(engine, tenant_id=NORTH) as session:
            session.add(invoice(patient_id=11))
            session.commit()
            session.add(invoice(patient_id=1001))
            with pytest.raises(IntegrityError, match="foreign key"):
                session.commit()
        with ClinicSession(engine, tenant_id=SOUTH) as session:
            assert session.scalar(text("SELECT count(*) FROM invoices")) == 0
        engine.dispose()
    finally:
        Base.metadata.remove(Base.metadata.tables["invoices"])


def test_the_grants_and_a_table_without_tenant_id(own_clinics: Database) -> None:
    with own_clinics.connect() as admin:
        for login in ("service", "clinic_backend"):
            admin.exec_driver_sql(f"DROP ROLE IF EXISTS {login}; CREATE ROLE {login}")
        major = int(admin.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) or 0)
        admin.exec_driver_sql(SQL[0] if major >= 16 else SQL[0].replace(" WITH INHERIT FALSE", ""))
        admin.exec_driver_sql("DROP ROLE service; DROP ROLE clinic_backend")
    assert [line for line in SQL[2].splitlines() if line not in APPOINTMENTS] == []


def test_every_error_is_in_the_table() -> None:
    import orchestrator_service.db.tenancy as package

    errors = {name for name in package.__all__ if name.endswith("Error")} - {"TenancyError"} | {"NotMigratedError"}
    assert errors == set(re.findall(r"^\| `(\w+)` \|", DOCS, re.M))
