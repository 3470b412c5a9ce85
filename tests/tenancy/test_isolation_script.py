"""02_tenant_isolation.sql: what it changes for the clinic's role, and for nobody else."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2.errors
import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession, NotIsolatedError
from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.options import ROOT
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from tests.tenancy.isolation import DOWN, SCRIPT
from tests.tenancy.two_clinics import NORTH, OURS

CHECK = {"migration.check": "yes"}
STATE = """
SELECT relname, relrowsecurity, relforcerowsecurity, has_table_privilege('pg_monitor', oid, 'SELECT'),
       (SELECT array_agg(format('%s %s %s', polname, polroles, pg_get_expr(polqual, polrelid)) ORDER BY polname)
          FROM pg_policy WHERE polrelid = c.oid)
  FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1
"""


@pytest.fixture
def lived(pool: Pool, open_template: Database) -> Iterator[Database]:
    """Two clinics before 02: patients has a policy of its own, tenants none; with a login of a service in use."""
    database = pool.clone(open_template, "lived")
    with database.connect() as admin:
        for login in LOGINS:
            admin.execute(text(f"DROP ROLE IF EXISTS {login}"))
            admin.execute(text(f"CREATE ROLE {login} LOGIN"))
            admin.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}"))
            admin.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {login}"))
    yield database
    with database.connect() as admin:
        for login in LOGINS:
            admin.execute(text(f"DROP OWNED BY {login}"))
            admin.execute(text(f"DROP ROLE {login}"))
    pool.drop(database)


LOGINS = ("service_of_yesterday", "service_of_clinics")


@contextmanager
def _as(database: Database, role: str) -> Iterator[Connection]:
    """A transaction, taken back, as a role."""
    engine = create_engine(database.url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        assert role in ("NONE", connection.scalar(text("SELECT current_user")))
        yield connection
        connection.rollback()
    engine.dispose()


def _seen_by(database: Database, role: str, setting: str = "") -> list[Any]:
    """What a role in use sees and may do."""
    with _as(database, role) as connection:
        connection.exec_driver_sql(f"SELECT set_config('app.tenant_id', '{setting}', true)")
        return [
            *connection.exec_driver_sql("SELECT id FROM patients ORDER BY id").scalars(),
            connection.exec_driver_sql("SELECT count(*) FROM tenants").scalar(),
            connection.exec_driver_sql("UPDATE tenants SET clinic_website = 'x'").rowcount,
            connection.exec_driver_sql("UPDATE patients SET notes = 'x'").rowcount,
        ]


@pytest.mark.parametrize("role", ["service_of_yesterday", "CURRENT_USER"])
@pytest.mark.parametrize("setting", ["", "2"])
@pytest.mark.parametrize("own", [True, False])
def test_roles_in_use_see_and_write_what_they_did(lived: Database, role: str, setting: str, own: bool) -> None:
    if not own:
        with lived.connect() as admin:
            admin.exec_driver_sql("DROP POLICY patients_of_one_clinic ON patients")
            admin.exec_driver_sql("ALTER TABLE patients DISABLE ROW LEVEL SECURITY")
    as_role = role if role != "CURRENT_USER" else "NONE"
    before = _seen_by(lived, as_role, setting)
    outcome = psql.run_file(lived, SCRIPT)
    assert outcome.succeeded, outcome
    assert _seen_by(lived, as_role, setting) == before
    assert psql.run_file(lived, DOWN).succeeded
    assert _seen_by(lived, as_role, setting) == before


def test_run_again_it_does_nothing_and_back_it_is_as_before(lived: Database) -> None:
    with lived.connect() as admin:
        before = admin.execute(text(STATE)).all()
    assert psql.run_file(lived, SCRIPT, CHECK).sqlstate == "55000"
    assert psql.run_file(lived, SCRIPT).succeeded
    for settings in ({}, CHECK):
        again = psql.run_file(lived, SCRIPT, settings)
        assert again.succeeded
        assert again.notices[-1].endswith("nothing to do")
    assert psql.run_file(lived, DOWN).succeeded
    assert psql.run_file(lived, DOWN).notices[-1].endswith("nothing to do")
    with lived.connect() as admin:
        assert admin.execute(text(STATE)).all() == before


@pytest.mark.parametrize("more", [1, 100], ids=["read with names lent", "too wide for that"])
@pytest.mark.parametrize("rows", ["id = {own}", "c{last}", "tenant_id IN (SELECT id FROM tenants)"])
def test_what_a_policy_lets_through_is_compared_by_its_columns(lived: Database, more: int, rows: str) -> None:
    own = "NULLIF(current_setting('app.tenant_id', true), '')::integer"
    with lived.connect() as admin:
        admin.exec_driver_sql(f"ALTER TABLE patients {', '.join(f'ADD c{n} bool' for n in range(more))}")
        assert psql.run_file(lived, SCRIPT).succeeded
        admin.exec_driver_sql(f"ALTER POLICY tenant_rows ON patients USING ({rows.format(own=own, last=more - 1)})")
    found = psql.run_file(lived, SCRIPT, CHECK)
    assert found.message == "public.patients: policy tenant_rows is not as it should be"
    assert psql.run_file(lived, SCRIPT).succeeded
    assert psql.run_file(lived, SCRIPT).notices[-1].endswith("nothing to do")


def test_a_login_that_may_take_the_role_and_one_that_inherits_it(lived: Database) -> None:
    assert psql.run_file(lived, SCRIPT).succeeded
    with lived.connect() as admin:
        major = int(admin.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) or 0)
        how = " WITH INHERIT FALSE" if major >= 16 else ""
        admin.exec_driver_sql(f"GRANT {ROLE} TO service_of_clinics{how}")
        if not how:
            admin.exec_driver_sql("ALTER ROLE service_of_clinics NOINHERIT")
        admin.exec_driver_sql(f"GRANT {ROLE} TO service_of_yesterday")
        admin.exec_driver_sql(
            "DROP POLICY patients_of_one_clinic ON patients; CREATE POLICY everybody ON patients USING (true)"
        )
    engine = create_engine(lived.url.set(username="service_of_clinics"))
    with ClinicSession(engine, tenant_id=NORTH) as session:
        assert session.scalars(select(Patient.id).order_by(Patient.id)).all() == list(OURS)
        session.execute(text("RESET ROLE"))  # code that means harm: what the login may, it may
        assert session.scalar(text("SELECT count(*) FROM patients")) == 8
    engine.dispose()
    engine = create_engine(lived.url.set(username="service_of_yesterday"))
    with ClinicSession(engine, tenant_id=NORTH) as session:
        assert session.scalar(text("SELECT count(*) FROM patients")) == 4
        session.execute(text("RESET ROLE"))
        assert session.scalar(text("SELECT count(*) FROM patients")) == 4
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM patients")) == 0
    engine.dispose()
    refused = psql.run_file(lived, DOWN)
    assert (refused.sqlstate, "service_of_clinics" in refused.detail) == ("2BP01", True)
    assert psql.run_file(lived, DOWN, {"migration.drop_isolation": "yes"}).succeeded


def test_a_login_that_may_not_take_the_role(lived: Database) -> None:
    assert psql.run_file(lived, SCRIPT).succeeded
    engine: Engine = create_engine(lived.url.set(username="service_of_yesterday"))
    with (
        ClinicSession(engine, tenant_id=NORTH) as session,
        pytest.raises(NotIsolatedError, match=f"GRANT {ROLE} TO it|GRANT {ROLE} to it"),
    ):
        session.execute(text("SELECT 1"))
    engine.dispose()


REFUSED = {
    "dormant policies": ("CREATE POLICY dormant ON tenants USING (false)", "policy dormant would come into force"),
    "forced on the owner": ("ALTER TABLE tenants FORCE ROW LEVEL SECURITY", "forced on its owner"),
    "a policy of our name for others": (
        "CREATE POLICY tenant_rows ON patients USING (true)",
        "policy tenant_rows is there",
    ),
    "TRUNCATE for everybody": ("GRANT TRUNCATE ON patients TO PUBLIC", "everybody may TRUNCATE"),
    "a key of another type": ("CREATE TABLE invoices (tenant_id text)", "its key is text"),
    "a table off the path": (
        "CREATE SCHEMA billing; CREATE TABLE billing.invoices (tenant_id int)",
        "billing.invoices has tenant_id",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_by_name(lived: Database, why: str) -> None:
    sql, said = REFUSED[why]
    with lived.connect() as admin:
        admin.exec_driver_sql(sql)
        before = admin.execute(text(STATE)).all()
    outcome = psql.run_file(lived, SCRIPT)
    assert (outcome.sqlstate, said in outcome.message, "Nothing was changed" in outcome.detail) == (
        "42P17",
        True,
        True,
    ), outcome
    with lived.connect() as admin:
        assert admin.execute(text(STATE)).all() == before


def test_a_role_made_before_and_the_tables_named(lived: Database) -> None:
    with lived.connect() as admin:
        admin.exec_driver_sql("DROP ROLE IF EXISTS clinic_of_ours")
        admin.exec_driver_sql("CREATE ROLE clinic_of_ours")
        admin.exec_driver_sql("CREATE SCHEMA billing; CREATE TABLE billing.invoices (tenant_id int)")
    settings = {"migration.tenant_role": "clinic_of_ours", "migration.tenant_tables": "patients"}
    assert psql.run_file(lived, SCRIPT, settings).succeeded
    engine = create_engine(lived.url)
    with ClinicSession(engine, tenant_id=NORTH, role="clinic_of_ours") as session:
        assert session.scalar(text("SELECT count(*) FROM patients")) == 4
    engine.dispose()
    assert psql.run_file(lived, DOWN, {"migration.tenant_role": "clinic_of_ours"}).succeeded
    with lived.connect() as admin:
        admin.exec_driver_sql("DROP OWNED BY clinic_of_ours; DROP ROLE clinic_of_ours")


def test_a_new_table_is_found_by_the_check_and_kept_by_a_second_run(lived: Database) -> None:
    assert psql.run_file(lived, SCRIPT).succeeded
    with lived.connect() as admin:
        admin.exec_driver_sql(
            "CREATE TABLE invoices (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants)"
        )
        before = admin.execute(text(STATE)).all()
    found = psql.run_file(lived, SCRIPT, CHECK)
    assert (found.sqlstate, found.message) == ("55000", "public.invoices: row security is off"), found
    with lived.connect() as admin:
        assert admin.execute(text(STATE)).all() == before
    assert psql.run_file(lived, SCRIPT).succeeded
    assert psql.run_file(lived, SCRIPT, CHECK).succeeded


def test_make_isolated_names_what_is_not_kept(lived: Database) -> None:
    def asked() -> subprocess.CompletedProcess[str]:
        command = ["make", "isolated", f"DATABASE={lived.libpq_url()}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert "tenants: row security is off" in asked().stderr
    assert psql.run_file(lived, SCRIPT).succeeded
    assert asked().returncode == 0
    with lived.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE invoices (id serial PRIMARY KEY, tenant_id int NOT NULL)")
    found = asked()
    assert (found.returncode != 0, "public.invoices: row security is off" in found.stderr) == (True, True), found


def test_what_only_the_clinics_role_may_not(lived: Database) -> None:
    assert psql.run_file(lived, SCRIPT).succeeded
    for refused in (
        "TRUNCATE patients CASCADE",
        "DELETE FROM tenants",
        "INSERT INTO tenants (bot_phone_number) VALUES ('x')",
    ):
        with _as(lived, ROLE) as connection, pytest.raises(DBAPIError, match="permission denied for table"):
            connection.exec_driver_sql(refused)
    with _as(lived, ROLE) as connection, pytest.raises(psycopg2.errors.FeatureNotSupported):
        connection.connection.cursor().copy_expert("COPY patients FROM STDIN", io.StringIO())


def test_what_all_clinics_share_needs_a_grant(lived: Database) -> None:
    """The login owns the table: the role has nothing of that."""
    assert psql.run_file(lived, SCRIPT).succeeded
    with lived.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE insurers (name text); INSERT INTO insurers VALUES ('a')")
    engine = create_engine(lived.url)
    with ClinicSession(engine, tenant_id=NORTH) as session:
        with pytest.raises(DBAPIError, match="permission denied for table insurers"):
            session.scalars(text("SELECT name FROM insurers"))
        session.rollback()
        with lived.connect() as admin:
            admin.exec_driver_sql(f"GRANT SELECT ON insurers TO {ROLE}")
        assert session.scalars(text("SELECT name FROM insurers")).all() == ["a"]
    engine.dispose()


def test_the_header_says_what_it_locks_needs_and_takes_away() -> None:
    header = SCRIPT.read_text(encoding="utf-8").partition("DO $$")[0]
    for said in ("What it locks", "ACCESS EXCLUSIVE", "What it needs", "CREATEROLE", "COPY … FROM", "pg_dump"):
        assert said in header
