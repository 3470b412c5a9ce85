"""How the script ends: what it refuses, what it leaves to Postgres, and that a caller's settings come back."""

import threading
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from tests.script.shapes import DOWN, PARTITIONED, PLAIN, UP, build, five, refused, rows, wait_until_seen

SETTINGS = "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%' ORDER BY name"
IDLE = KINDS["una sesión olvidada"]
FOOLED = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fooled''; END'"
LEFT_TO_POSTGRES = {
    "no table": ((), "42P01"),
    "a view": (("CREATE VIEW patients AS SELECT 1 AS id",), "42809"),
    "a partition": (
        ("CREATE TABLE people (id int) PARTITION BY LIST (id)", "CREATE TABLE patients PARTITION OF people DEFAULT"),
        "42809",
    ),
    "a typed table": (("CREATE TYPE patient AS (id int)", "CREATE TABLE patients OF patient"), "42809"),
    "no room": (
        (
            *PLAIN,
            "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE patients %s', string_agg('ADD f' || n || ' bool', ', ')) "
            "FROM generate_series(1, 1593) n); END $$",
        ),
        "54011",
    ),
    "an event trigger": (
        (
            *PLAIN,
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$",
            "CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION no()",
        ),
        "P0001",
    ),
    "pending trigger events": (
        (
            *PLAIN,
            "CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON patients DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION tr()",
        ),
        "55006",
    ),
}


@pytest.mark.parametrize("case", LEFT_TO_POSTGRES)
def test_what_postgres_refuses_it_refuses_with_nothing_changed(case: str, empty_database: Database) -> None:
    setup, sqlstate = LEFT_TO_POSTGRES[case]
    build(empty_database, *setup)
    connection = psycopg2.connect(empty_database.driver_dsn())
    with connection.cursor() as cursor:
        if case == "pending trigger events":
            cursor.execute("UPDATE patients SET full_name = 'x'")
        with pytest.raises(psycopg2.Error) as raised:
            cursor.execute(UP.read_text(encoding="utf-8"))
    connection.close()
    assert raised.value.pgcode == sqlstate
    if case != "no table":
        assert five(empty_database) == {}


def test_only_the_owner_may_and_with_nothing_to_do_anyone_may(server: Server, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE meta_ads_stranger LOGIN PASSWORD 'x'")
    try:
        stranger = Database(empty_database.url.set(username="meta_ads_stranger", password="x"))
        assert run_file(stranger, UP).sqlstate == "42501"
        assert run_file(empty_database, UP, {"default_transaction_read_only": "on"}).sqlstate == "25006"
        assert five(empty_database) == {}
        assert run_file(empty_database, UP).succeeded
        again = run_file(stranger, UP, {"default_transaction_read_only": "on"})
        assert again.succeeded, again.error()
    finally:
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE meta_ads_stranger")


@pytest.mark.parametrize("setting", ["migration.deadline", "migration.max_stall"])
def test_a_setting_is_a_time_as_lock_timeout_takes_one(setting: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    for wrong in ("soon", "-5s", "1 fortnight"):
        assert run_file(empty_database, UP, {setting: wrong}).sqlstate == "22023"
    assert five(empty_database) == {}
    for right in ("1500", "0.5min"):
        assert run_file(empty_database, UP, {setting: right}).succeeded


def test_a_bare_number_is_milliseconds(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with Blocker(empty_database, META_ADS, IDLE):
        outcome = run_file(empty_database, UP, {"migration.deadline": "700"})
    refused(outcome, "55P03", "public.patients was not free within 00:00:00.7")


@pytest.mark.parametrize("script", [UP, DOWN], ids=["up", "down"])
def test_to_ask_changes_nothing_and_locks_nothing(script: Path, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    if script == DOWN:
        assert run_file(empty_database, UP).succeeded
    before = five(empty_database)
    with Blocker(empty_database, META_ADS, IDLE):
        outcome = run_file(empty_database, script, {"migration.ask": "yes"})
    assert outcome.succeeded, outcome.error()
    assert "would run ALTER TABLE public.patients" in outcome.notices[-1]
    assert five(empty_database) == before


def test_search_path_decides_between_schemas(empty_database: Database) -> None:
    odd = '"Clínica ""Sur"""'
    build(empty_database, *PLAIN, f"CREATE SCHEMA {odd}", f"CREATE TABLE {odd}.patients (id int)")
    outcome = run_file(empty_database, UP, {"search_path": f"{odd},public"})
    assert f"{odd}.patients: ran" in outcome.notices[-1]
    assert five(empty_database, f"{odd}.patients") == META_ADS.columns
    assert five(empty_database) == {}
    assert run_file(empty_database, UP, {"search_path": "nowhere"}).sqlstate == "42P01"


@pytest.mark.parametrize("script", [UP, DOWN], ids=["up", "down"])
def test_a_hostile_search_path_changes_nothing(script: Path, empty_database: Database) -> None:
    build(
        empty_database,
        *PLAIN,
        "CREATE SCHEMA evil",
        f"CREATE FUNCTION evil.current_setting(text) RETURNS text {FOOLED}",
        f"CREATE FUNCTION evil.format(text, text) RETURNS text {FOOLED}",
        f"CREATE FUNCTION evil.lt(int, int) RETURNS boolean {FOOLED}",
        "CREATE OPERATOR evil.< (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.lt)",
        "CREATE FUNCTION evil.eq(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.eq)",
    )
    for name in ("text", "name", "jsonb", "interval", "timestamptz", "bool", "int4", "varchar", "regclass"):
        build(
            empty_database,
            f"CREATE FUNCTION evil.check_{name}(pg_catalog.{name}) RETURNS boolean {FOOLED}",
            f"CREATE DOMAIN evil.{name} AS pg_catalog.{name} CHECK (evil.check_{name}(VALUE))",
        )
    if script == DOWN:
        assert run_file(empty_database, UP).succeeded
    outcome = run_file(empty_database, script, {"search_path": "evil,public,pg_catalog", "quote_all_identifiers": "on"})
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == ({} if script == DOWN else META_ADS.columns)


def test_event_triggers_find_what_the_caller_would(owner: Database, database: Database) -> None:
    build(
        database,
        "CREATE SCHEMA audit",
        "CREATE TABLE audit.log (path text)",
        "GRANT USAGE ON SCHEMA audit TO PUBLIC",
        "GRANT SELECT, INSERT ON audit.log TO PUBLIC",
        "CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO log VALUES (current_setting('search_path')); END $$",
        "CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION audit.note()",
    )
    outcome = run_file(owner, UP, {"search_path": "audit,public"})
    assert outcome.succeeded, outcome.error()
    assert rows(database, "SELECT path FROM audit.log") == [("pg_catalog, audit,public",)]


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_in_a_frozen_snapshot_a_faster_one_is_an_error_and_then_nothing_is_to_do(
    level: str, empty_database: Database
) -> None:
    build(empty_database, *PLAIN)
    faster = threading.Thread(target=build, args=(empty_database, "ALTER TABLE patients ADD meta_ad_id varchar"))
    with Blocker(empty_database, META_ADS, IDLE) as blocker:
        run = Run(empty_database, UP, {"default_transaction_isolation": level})
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        faster.start()
        wait_until_seen(empty_database, "wait_event_type = 'Lock'")
        blocker.leave()
        faster.join()
        assert run.outcome().sqlstate == "42701"  # Postgres's own: a client that retries 40001 would not loop
    again = run_file(empty_database, UP, {"default_transaction_isolation": level})
    assert again.succeeded, again.error()
    assert five(empty_database) == META_ADS.columns


def test_an_error_of_an_event_trigger_keeps_its_code(empty_database: Database) -> None:
    build(
        empty_database,
        *PLAIN,
        "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE undefined_column USING MESSAGE = 'theirs'; END $$",
        "CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION no()",
    )
    outcome = run_file(empty_database, UP)
    assert (outcome.sqlstate, outcome.message) == ("42703", "theirs")


def run_in_a_callers_transaction(connection: Any, script: Path) -> None:
    """Run it in a transaction with settings of the caller's, which are to be as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'; SET LOCAL search_path = public, pg_temp")
        cursor.execute(SETTINGS)
        before = cursor.fetchall()
        cursor.execute(script.read_text(encoding="utf-8"))
        cursor.execute(SETTINGS)
        assert cursor.fetchall() == before


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_in_a_callers_transaction_settings_come_back_and_all_rolls_back(
    shape: tuple[str, ...], empty_database: Database
) -> None:
    build(empty_database, *shape)
    connection = psycopg2.connect(empty_database.driver_dsn())
    run_in_a_callers_transaction(connection, UP)
    run_in_a_callers_transaction(connection, UP)
    run_in_a_callers_transaction(connection, DOWN)
    run_in_a_callers_transaction(connection, UP)
    connection.rollback()
    assert five(empty_database) == {}
    connection.close()
