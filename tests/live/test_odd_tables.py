"""Tables and sessions the script turns down in one clear line, or is not fooled by."""

import threading
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.psql import Run, run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.waiting import wait_until
from tests.live.shapes import PARTITIONED, PLAIN, build, five, rows

SETTINGS = "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%' ORDER BY name"
TURNED_DOWN = {
    "missing": ((), "42P01", "patients"),
    "a view": (("CREATE VIEW patients AS SELECT 1 AS id",), "42809", "view"),
    "a materialized view": (("CREATE MATERIALIZED VIEW patients AS SELECT 1 AS id",), "42809", "materialized view"),
    "a sequence": (("CREATE SEQUENCE patients",), "42809", "patients"),
    "a foreign table": (
        (
            "CREATE FOREIGN DATA WRAPPER w",
            "CREATE SERVER f FOREIGN DATA WRAPPER w",
            "CREATE FOREIGN TABLE patients (id int) SERVER f",
        ),
        "42809",
        "foreign table",
    ),
    "a partition": (
        ("CREATE TABLE people (id int) PARTITION BY LIST (id)", "CREATE TABLE patients PARTITION OF people DEFAULT"),
        "42809",
        "public.people",
    ),
    "a typed table": (("CREATE TYPE patient AS (id int)", "CREATE TABLE patients OF patient"), "42809", "patient"),
}


def refused(outcome: Outcome, sqlstate: str, said: str) -> None:
    assert outcome.sqlstate == sqlstate, outcome.error() or outcome.notices
    assert said in outcome.error()
    assert "\n" not in outcome.message
    assert "Nothing was changed" in outcome.detail
    assert outcome.hint


@pytest.mark.parametrize("case", TURNED_DOWN)
def test_what_is_no_table_of_patients_is_turned_down(case: str, empty_database: Database) -> None:
    setup, sqlstate, said = TURNED_DOWN[case]
    refused(run_file(build(empty_database, *setup), META_ADS.script), sqlstate, said)


def test_only_the_owner_may(server: Server, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE meta_ads_stranger LOGIN PASSWORD 'x'")
    try:
        stranger = Database(empty_database.url.set(username="meta_ads_stranger", password="x"))
        refused(run_file(stranger, META_ADS.script), "42501", "owner")
        assert five(empty_database) == {}
        assert run_file(empty_database, META_ADS.script).succeeded
        again = run_file(stranger, META_ADS.script, {"default_transaction_read_only": "on"})
        assert again.succeeded, "with nothing to do, anybody may run it anywhere"
    finally:
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE meta_ads_stranger")


def test_a_read_only_session_is_told(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    refused(run_file(empty_database, META_ADS.script, {"default_transaction_read_only": "on"}), "25006", "read-only")


@pytest.mark.parametrize("value", ["soon", "0", "-5s", "1 fortnight", "1.5.2"])
@pytest.mark.parametrize("budget", ["migration.deadline", "migration.max_stall"])
def test_a_budget_that_is_no_time_is_refused(budget: str, value: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    refused(run_file(empty_database, META_ADS.script, {budget: value}), "22023", budget)
    assert five(empty_database) == {}


@pytest.mark.parametrize("value", ["1500", "90s", "2min", "500ms", "1h", "0.5min"])
def test_a_budget_is_written_as_any_time_of_postgres(value: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    outcome = run_file(empty_database, META_ADS.script, {"migration.deadline": value, "migration.max_stall": "250"})
    assert outcome.succeeded, outcome.error()


def test_search_path_decides_between_schemas(empty_database: Database) -> None:
    build(empty_database, *PLAIN, "CREATE SCHEMA norte", "CREATE TABLE norte.patients (id int)")
    outcome = run_file(empty_database, META_ADS.script, {"search_path": "norte,public"})
    assert "norte.patients" in outcome.notices[-1]
    assert five(empty_database, "norte.patients") == META_ADS.columns
    assert five(empty_database) == {}


def test_a_schema_may_have_any_name(empty_database: Database) -> None:
    build(empty_database, 'CREATE SCHEMA "Clínica Sur"', 'CREATE TABLE "Clínica Sur".patients (id int)')
    outcome = run_file(empty_database, META_ADS.script, {"search_path": '"Clínica Sur"'})
    assert outcome.succeeded, outcome.error()
    assert five(empty_database, '"Clínica Sur".patients') == META_ADS.columns


def test_a_temporary_table_of_the_same_name_is_not_taken_for_it(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with empty_database.connect() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE patients (id int)")
        connection.exec_driver_sql(
            META_ADS.script.read_text(encoding="utf-8"), execution_options={"no_parameters": True}
        )
    assert five(empty_database) == META_ADS.columns


def test_a_hostile_search_path_changes_nothing(empty_database: Database) -> None:
    fooled = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fooled''; END'"
    build(
        empty_database,
        *PLAIN,
        "CREATE SCHEMA evil",
        f"CREATE FUNCTION evil.current_setting(text) RETURNS text {fooled}",
        f"CREATE FUNCTION evil.lt(int, int) RETURNS boolean {fooled}",
        "CREATE OPERATOR evil.< (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.lt)",
        "CREATE FUNCTION evil.eq(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.eq)",
    )
    outcome = run_file(empty_database, META_ADS.script, {"search_path": "evil,public,pg_catalog"})
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == META_ADS.columns


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_frozen_snapshot_notices_who_was_faster(level: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    faster = threading.Thread(target=build, args=(empty_database, "ALTER TABLE patients ADD meta_ad_id varchar"))
    with Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]) as blocker:
        run = Run(empty_database, META_ADS.script, {"default_transaction_isolation": level})
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        faster.start()
        wait_until_seen(empty_database, "wait_event_type = 'Lock'")
        blocker.leave()
        faster.join()
        refused(run.outcome(), "40001", "somebody else")
    again = run_file(empty_database, META_ADS.script, {"default_transaction_isolation": level})
    assert again.succeeded, again.error()
    assert five(empty_database) == META_ADS.columns


def wait_until_seen(database: Database, condition: str) -> None:
    """Return once a session of the database is as the condition says."""
    query = f"SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND {condition}"
    wait_until(lambda: bool(rows(database, query)), condition)


def test_a_shorter_statement_timeout_ends_it_as_clearly(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]):
        refused(run_file(empty_database, META_ADS.script, {"statement_timeout": "1s"}), "55P03", "idle in transaction")


def test_a_sessions_own_lock_timeout_does_not_matter(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    settings = {"lock_timeout": "1ms", "migration.deadline": "1s"}
    with Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]):
        refused(run_file(empty_database, META_ADS.script, settings), "55P03", "idle in transaction")
    assert run_file(empty_database, META_ADS.script, settings).succeeded


def test_somebody_in_a_partition_is_somebody_in_the_way(empty_database: Database) -> None:
    build(empty_database, *PARTITIONED)
    connection = psycopg2.connect(empty_database.driver_dsn(), application_name="report on p1")
    connection.cursor().execute("LOCK TABLE p1 IN ACCESS SHARE MODE")
    refused(run_file(empty_database, META_ADS.script, {"migration.deadline": "1s"}), "55P03", "report on p1")
    connection.close()
    assert run_file(empty_database, META_ADS.script).succeeded


def run_in_a_callers_transaction(connection: Any, script: Path) -> list[tuple[str, str]]:
    """Run it in a transaction with a setting of the caller's; returns the settings, which are to be as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        cursor.execute(SETTINGS)
        before: list[tuple[str, str]] = cursor.fetchall()
        cursor.execute(script.read_text(encoding="utf-8"))
        cursor.execute(SETTINGS)
        assert cursor.fetchall() == before
    return before


def test_in_a_callers_transaction_settings_come_back_and_all_rolls_back(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    connection = psycopg2.connect(empty_database.driver_dsn())
    before = run_in_a_callers_transaction(connection, META_ADS.script)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO patients (full_name) VALUES ('x') RETURNING acquisition_source")
        assert cursor.fetchone() == ("ORGANIC",)
    connection.rollback()
    assert five(empty_database) == {}
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(META_ADS.script.read_text(encoding="utf-8"))
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'")
        assert cursor.fetchone() == (0,)
        cursor.execute(SETTINGS)
        assert [row for row in cursor.fetchall() if row not in before] == [("lock_timeout", "0")]
    connection.close()
