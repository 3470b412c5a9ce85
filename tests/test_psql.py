from pathlib import Path

import pytest

from steps.support.harness.databases import psql
from steps.support.harness.databases.database import Database


def run(database: Database, tmp_path: Path, sql: str, **settings: str) -> psql.Outcome:
    script = tmp_path / "script.sql"
    script.write_text(sql, encoding="utf-8")
    return psql.run_file(database, script, settings)


def test_an_error_arrives_in_its_parts(database: Database, tmp_path: Path) -> None:
    sql = """DO $$ BEGIN
        RAISE NOTICE 'primero: %', 'ñ';
        RAISE WARNING 'después';
        RAISE EXCEPTION 'no se puede' USING ERRCODE = '55P03', DETAIL = E'uno\\ndos', HINT = 'esperar';
    END $$;"""
    outcome = run(database, tmp_path, sql)
    assert not outcome.succeeded
    assert (outcome.sqlstate, outcome.message, outcome.detail, outcome.hint) == (
        "55P03", "no se puede", "uno\ndos", "esperar",
    )  # fmt: skip
    assert outcome.notices == ["primero: ñ", "después"]
    assert outcome.error() == "ERROR 55P03: no se puede\nDETAIL: uno\ndos\nHINT: esperar"


def test_statements_are_committed_one_by_one_as_psql_does(database: Database, tmp_path: Path) -> None:
    outcome = run(database, tmp_path, "CREATE TABLE half (); SELECT 1/0; CREATE TABLE other ();")
    assert outcome.sqlstate == "22012"
    with database.connect() as connection:
        found = connection.exec_driver_sql("SELECT to_regclass('half'), to_regclass('other')").one()
    assert found == ("half", None)


def test_settings_reach_the_session(database: Database, tmp_path: Path) -> None:
    sql = "DO $$ BEGIN RAISE NOTICE '%', current_setting('migration.deadline'); END $$;"
    assert run(database, tmp_path, sql, **{"migration.deadline": "2min"}).notices == ["2min"]


def test_a_script_that_never_ends_is_stopped(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psql, "HANG_SECONDS", 1)
    outcome = run(database, tmp_path, "SELECT pg_sleep(60);")
    assert not outcome.succeeded
    assert "no end after 1 s" in outcome.message


def test_what_is_no_postgres_message_is_kept(database: Database, tmp_path: Path) -> None:
    outcome = psql.run_file(database, tmp_path / "missing.sql")
    assert not outcome.succeeded
    assert "No such file" in outcome.message
