"""What docs/backend.md says Postgres does not guarantee is so: were one to end, the document would be wrong."""

from typing import Any

import psycopg2
import pytest
from sqlalchemy import create_engine, text

from orchestrator_service.db.tenancy import ClinicSession
from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.options import ROOT
from steps.support.postgres.database import Database
from tests.tenancy.acts import rows
from tests.tenancy.two_clinics import NORTH, SOUTH, theirs

DOCS = (ROOT / "docs" / "backend.md").read_text(encoding="utf-8")
READ = "SELECT notes FROM patients"
INVOICES = f"""
CREATE TABLE receipts (id serial PRIMARY KEY, patient_id int REFERENCES patients); GRANT ALL ON receipts TO {ROLE};
GRANT USAGE ON SEQUENCE receipts_id_seq TO {ROLE}
"""
# What the document calls it; what somebody did before; what a clinic's session then sends, one string each.
REACHES: dict[str, tuple[str, list[str]]] = {
    "set_config('app.tenant_id', '3', true)": ("", [f"SELECT set_config('app.tenant_id', '{SOUTH}', true)", READ]),
    "`RESET ROLE`": ("", ["RESET ROLE", READ]),
    "`COMMIT; …`": ("", [f"COMMIT; {READ}"]),
    "Views without `security_invoker`": (
        f"CREATE VIEW all_of_them AS SELECT * FROM patients; GRANT SELECT ON all_of_them TO {ROLE}",
        ["SELECT notes FROM all_of_them"],
    ),
    "`SECURITY DEFINER` functions": (
        f"CREATE FUNCTION all_of_them() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS '{READ}'",
        ["SELECT * FROM all_of_them()"],
    ),
    "Materialized views": (
        f"CREATE MATERIALIZED VIEW all_of_them AS SELECT * FROM patients; GRANT SELECT ON all_of_them TO {ROLE}",
        ["SELECT notes FROM all_of_them"],
    ),
}


def _sent(database: Database, statements: list[str]) -> list[Any]:
    """What the driver's own cursor gives back for the last of them, committed."""
    engine = create_engine(database.url)
    try:
        with ClinicSession(engine, tenant_id=NORTH) as session:
            cursor = session.connection().connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            found = list(cursor.fetchall()) if cursor.description else []
            session.commit()
            return found
    finally:
        engine.dispose()


def _before(database: Database, sql: str) -> None:
    if sql:
        with database.connect() as admin:
            admin.exec_driver_sql(sql)


@pytest.mark.parametrize("what", REACHES)
def test_it_reaches_another_clinic_as_documented(what: str, own_clinics: Database) -> None:
    before, statements = REACHES[what]
    assert what in DOCS
    _before(own_clinics, before)
    assert theirs([tuple(row) for row in _sent(own_clinics, statements)])


@pytest.mark.parametrize(
    ("taken", "sql"),
    [
        (
            "taken id",
            f"INSERT INTO patients (id, tenant_id, phone_number, first_name) VALUES (1001, {NORTH}, 'x', 'x')",
        ),
        ("bot_phone_number", "UPDATE tenants SET bot_phone_number = '{}'"),
    ],
)
def test_a_unique_key_speaks_of_all_rows(taken: str, sql: str, own_clinics: Database) -> None:
    assert taken in DOCS
    with own_clinics.connect() as admin:
        number = admin.scalar(text(f"SELECT bot_phone_number FROM tenants WHERE id = {SOUTH}"))
    with pytest.raises(psycopg2.errors.UniqueViolation):
        _sent(own_clinics, [sql.format(number)])


def test_statistics_and_sequences_tell_of_all(own_clinics: Database) -> None:
    assert "Row statistics" in DOCS
    assert "numbers a sequence has reached" in DOCS
    _before(own_clinics, "ANALYZE patients")
    assert _sent(own_clinics, ["SELECT reltuples::int FROM pg_class WHERE relname = 'patients'"])[0][0] == 8
    [(number,)] = _sent(own_clinics, ["SELECT nextval('patients_id_seq')"])
    assert _sent(own_clinics, ["SELECT nextval('patients_id_seq')"]) == [(number + 1,)]


@pytest.mark.parametrize(
    ("leaves", "finds"),
    [
        ("CREATE TEMP TABLE left_there AS SELECT notes FROM patients", "SELECT * FROM left_there"),
        ("DECLARE left_there CURSOR WITH HOLD FOR SELECT notes FROM patients", "FETCH ALL FROM left_there"),
        (
            "SELECT set_config('left.there', string_agg(notes, ','), false) FROM patients",
            "SELECT current_setting('left.there')",
        ),
    ],
)
def test_what_sql_leaves_on_a_connection_the_next_session_finds(leaves: str, finds: str, own_clinics: Database) -> None:
    assert "What SQL itself leaves on a connection" in DOCS
    engine = create_engine(own_clinics.url, pool_size=1, max_overflow=0)
    found: list[Any] = []
    for tenant, sql in ((SOUTH, leaves), (NORTH, finds)):
        with ClinicSession(engine, tenant_id=tenant) as session:
            found = [tuple(row) for row in rows(session.execute(text(sql)))]
            session.commit()
    engine.dispose()
    assert theirs(found)


def test_truncate_once_granted_goes_past_the_policies(own_clinics: Database) -> None:
    assert "`TRUNCATE`, which goes past policies" in DOCS
    _before(own_clinics, f"GRANT TRUNCATE ON patients, appointments TO {ROLE}")
    _sent(own_clinics, ["TRUNCATE patients, appointments"])
    with own_clinics.connect() as admin:
        assert admin.scalar(text("SELECT count(*) FROM patients")) == 0


def test_a_foreign_key_without_tenant_id_may_point_at_anothers_row(own_clinics: Database) -> None:
    assert "Foreign keys without `tenant_id`" in DOCS
    _before(own_clinics, INVOICES)
    _sent(own_clinics, ["INSERT INTO receipts (patient_id) VALUES (1001)"])
    with own_clinics.connect() as admin:
        assert admin.scalar(text("SELECT patient_id FROM receipts")) == 1001
