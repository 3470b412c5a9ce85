from collections.abc import Callable
from pathlib import Path

import pytest

from steps.support.postgres import psql, time_limit
from steps.support.postgres.alembic_commands import Alembic
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.product import META_ADS, PRODUCT


def run(database: Database, tmp_path: Path, sql: str, **settings: str) -> Outcome:
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


def test_a_syntax_error_says_where_as_psql_does(database: Database, tmp_path: Path) -> None:
    outcome = run(database, tmp_path, "SELECT 1;\nSELECT 2;\nALTER TABEL patients ADD x int;\n")
    assert outcome.sqlstate == "42601"
    assert outcome.error() == (
        'script.sql:3: ERROR 42601: syntax error at or near "TABEL"\nLINE 1: ALTER TABEL patients ADD x int;\n'
        "              ^"
    )


@pytest.mark.parametrize("how", ["psql", "Alembic"])
def test_a_script_that_never_ends_is_ended_on_the_server_and_not_waited_for_again(
    how: str, database: Database, tmp_path: Path
) -> None:
    script = tmp_path / "script.sql"
    script.write_text("SELECT pg_sleep(3600);", encoding="utf-8")
    alembic = Alembic(PRODUCT.alembic, scripts={META_ADS.script.name: script})
    runs: dict[str, Callable[[], Outcome]] = {
        "psql": lambda: psql.run_file(database, script),
        "Alembic": lambda: alembic.upgrade(database),
    }
    time_limit.begin(1)
    outcome = runs[how]()
    assert not outcome.succeeded
    assert outcome.sqlstate == "57014"
    assert outcome.message == "no terminó en 1 s, y se lo canceló: es el tope que sale de -D limit=1"
    with database.connect() as connection:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%pg_sleep(3600);'"
        assert connection.exec_driver_sql(asleep).scalar() == 0
    for again in runs.values():
        with pytest.raises(AssertionError, match=r"script\.sql no se ejecuta otra vez: .* no terminó en 1 s"):
            again()
    time_limit.begin(60)
    script.write_text("SELECT 1;", encoding="utf-8")
    assert runs["psql"]().succeeded


def test_what_is_no_postgres_message_is_kept(database: Database, tmp_path: Path) -> None:
    outcome = psql.run_file(database, tmp_path / "missing.sql")
    assert not outcome.succeeded
    assert "No such file" in outcome.message
