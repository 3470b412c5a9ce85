"""What the script says is so: who is in the way, what is wrong with a budget, and that nobody's settings change it."""

import re
import threading
from pathlib import Path

import psycopg2
import pytest

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from tests.live.shapes import PLAIN, build, five, rows
from tests.live.test_drift import FILES
from tests.live.test_odd_tables import refused, wait_until_seen

TICKET = 20010101
DBA = ROOT / "docs" / "dba.md"


def test_somebody_elses_advisory_lock_is_no_other_migration(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    connection = psycopg2.connect(empty_database.driver_dsn(), application_name="report")
    connection.cursor().execute("SELECT pg_advisory_xact_lock(42), count(*) FROM patients")
    outcome = run_file(empty_database, META_ADS.script, {"migration.deadline": "1s"})
    connection.close()
    refused(outcome, "55P03", "idle in transaction, pid")
    assert "another migration" not in outcome.error()


def test_another_runner_is(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    connection = psycopg2.connect(empty_database.driver_dsn())
    connection.cursor().execute(f"SELECT pg_advisory_xact_lock({TICKET}, 'patients'::regclass::oid::int)")
    outcome = run_file(empty_database, META_ADS.script, {"migration.deadline": "1s"})
    connection.close()
    refused(outcome, "55P03", "another migration, pid")


@pytest.mark.parametrize(
    "settings",
    [
        {"statement_timeout": "60ms"},
        {"migration.deadline": "2ms"},
        {"migration.deadline": "60ms"},
        {"statement_timeout": "90ms", "migration.deadline": "1min"},
    ],
    ids=str,
)
def test_too_little_time_is_said_to_be_that(settings: dict[str, str], empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    outcome = run_file(empty_database, META_ADS.script, settings)
    refused(outcome, "22023", "too little time to try")
    assert "overlapping" not in outcome.error()
    assert five(empty_database) == {}


def test_no_type_of_the_callers_search_path_is_used(empty_database: Database) -> None:
    fooled = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fooled''; END'"
    build(empty_database, *PLAIN, "CREATE SCHEMA evil")
    for name in ("text", "oid", "jsonb", "float8", "record", "_text", "_oid"):
        base = "text" if name == "record" else name
        array = base.removeprefix("_") + "[]" * base.startswith("_")
        build(
            empty_database,
            f"CREATE FUNCTION evil.check_{name}(pg_catalog.{array}) RETURNS boolean {fooled}",
            f"CREATE DOMAIN evil.{name} AS pg_catalog.{array} CHECK (evil.check_{name}(VALUE))",
        )
    outcome = run_file(empty_database, META_ADS.script, {"search_path": "evil,public,pg_catalog"})
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == META_ADS.columns


@pytest.mark.parametrize("there", [(), ("ALTER TABLE patients ADD acquisition_source text",)], ids=["none", "text"])
def test_quoted_identifiers_do_not_matter(there: tuple[str, ...], empty_database: Database) -> None:
    build(empty_database, *PLAIN, *there)
    for said in ("added", "nothing to do"):
        outcome = run_file(empty_database, META_ADS.script, {"quote_all_identifiers": "on"})
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
    assert five(empty_database) == META_ADS.columns


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("max_stal", "max_stall"),
        ("max_stalls", "max_stall"),
        ("maxstall", "max_stall"),
        ("dedline", "deadline"),
        ("deadlime", "deadline"),
        ("dealdine", "deadline"),
        ("asks", "ask"),
    ],
)
def test_a_misspelt_budget_is_refused(misspelt: str, meant: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    outcome = run_file(empty_database, META_ADS.script, {f"migration.{misspelt}": "200ms"})
    refused(outcome, "22023", f"migration.{misspelt} is no budget, expected migration.{meant}")
    assert five(empty_database) == {}


def test_a_search_path_that_leads_nowhere_is_named(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    outcome = run_file(empty_database, META_ADS.script, {"search_path": "nowhere"})
    refused(outcome, "42P01", "there is no table patients on search_path nowhere")


def test_to_ask_changes_nothing_and_locks_nothing(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    with Blocker(empty_database, META_ADS, KINDS["un mantenimiento que bloquea la tabla entera"]):
        outcome = run_file(empty_database, META_ADS.script, {"migration.ask": "yes"})
    assert outcome.succeeded, outcome.error()
    assert "asked only, so not done: added acquisition_source" in outcome.notices[-1]
    assert five(empty_database) == {}
    refused(run_file(empty_database, META_ADS.script, {"migration.ask": "maybe"}), "22023", "migration.ask")
    build(empty_database, "ALTER TABLE patients ADD meta_ad_id bigint")
    refused(run_file(empty_database, META_ADS.script, {"migration.ask": "yes"}), "42804", "meta_ad_id is bigint")


def test_what_somebody_adds_meanwhile_is_compared_again(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    faster = threading.Thread(target=build, args=(empty_database, "ALTER TABLE patients ADD meta_ad_id text"))
    with Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]) as blocker:
        run = Run(empty_database, META_ADS.script)
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        faster.start()
        wait_until_seen(empty_database, "wait_event_type = 'Lock'")
        blocker.leave()
        faster.join()
        outcome = run.outcome()
    assert outcome.succeeded, outcome.error()
    assert "changed meta_ad_id (was text" in outcome.notices[-1]
    assert five(empty_database) == META_ADS.columns


def test_the_header_says_what_others_notice() -> None:
    header = META_ADS.script.read_text(encoding="utf-8").partition("DO $$")[0]
    for said in ("autovacuum", "cancelled", "log_lock_waits", "10 ms", "pg_locks", "100 times a second", str(TICKET)):
        assert said in header


REFUSING = (
    "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$",
    "CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION no()",
)
FULL = (
    "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE patients %s', string_agg('ADD filler_' || n || ' bool', ', ')) "
    "FROM generate_series(1, 1596 - (SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'patients'::regclass)) n); "
    "END $$",
)


@pytest.mark.parametrize(
    ("there", "code", "said"),
    [(REFUSING, "P0001", "not today"), (FULL, "54011", "tables can have at most 1600 columns")],
    ids=["an event trigger", "no room"],
)
def test_header_and_docs_list_how_it_ends_for_others_reasons(
    there: tuple[str, ...], code: str, said: str, empty_database: Database
) -> None:
    build(empty_database, *PLAIN, *there)
    outcome = run_file(empty_database, META_ADS.script)
    assert (outcome.sqlstate, outcome.message) == (code, said)
    assert five(empty_database) == {}
    header = META_ADS.script.read_text(encoding="utf-8").partition("DO $$")[0]
    assert f"  {code}  " in header.partition("How it ends")[2]
    assert f"| {code} |" in DBA.read_text(encoding="utf-8")


def test_event_triggers_find_what_they_use_at_every_statement(owner: Database, database: Database) -> None:
    """An owner without grants takes the lock by giving the table to itself, which fires them too."""
    build(
        database, "CREATE SCHEMA audit", "CREATE TABLE audit.log (path text)", "GRANT USAGE ON SCHEMA audit TO PUBLIC",
        "GRANT SELECT, INSERT ON audit.log TO PUBLIC", "REVOKE ALL ON patients FROM meta_ads_owner",
        "CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO log VALUES (current_setting('search_path')); END $$",
        "CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION audit.note()",
    )  # fmt: skip
    outcome = run_file(owner, META_ADS.script, {"search_path": "audit,public"})
    assert outcome.succeeded, outcome.error()
    assert rows(database, "SELECT path FROM audit.log") == [("pg_catalog, audit,public",)] * 2


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("over 25 ms", "patience CONSTANT double precision := 0.025;"),
        ("grows by a quarter", "growth CONSTANT double precision := 1.25;"),
        ("three in four", "likely CONSTANT double precision := 0.75;"),
        ("three quarters of max_stall", "usable CONSTANT double precision := 0.75;"),
        ("100 times a second", "look_every CONSTANT double precision := 0.01;"),
        ("after 10 ms", "'SET LOCAL deadlock_timeout = 10'"),
        ("deadline 1min", "current_setting('migration.deadline', true), ''), '1min')"),
        ("max_stall 500ms", "current_setting('migration.max_stall', true), ''), '500ms')"),
    ],
)
def test_the_numbers_of_the_header_and_the_docs_are_the_blocks(said: str, done: str) -> None:
    header, _, block = META_ADS.script.read_text(encoding="utf-8").partition("DO $$")
    assert said in " ".join(header.replace("--", " ").split())
    assert done in " ".join(block.split())
    docs = (ROOT / "docs" / "dba.md").read_text(encoding="utf-8")
    assert said in " ".join(re.sub("[`|]|migration\\.", " ", docs).split())


def planted(text: str, other: str, tmp_path: Path) -> Path:
    """The script with one thing changed in it."""
    sql = META_ADS.script.read_text(encoding="utf-8")
    assert sql.count(text) == 1
    script = tmp_path / "planted.sql"
    script.write_text(sql.replace(text, other), encoding="utf-8")
    return script


def test_a_rewrite_is_seen_under_the_lock_and_taken_back(empty_database: Database, tmp_path: Path) -> None:
    """A default that is another for every row, which no candidate of ours has."""
    build(empty_database, *PLAIN)
    files = rows(empty_database, FILES)
    script = planted("'''ORGANIC''::character varying'", "'(random())::character varying'", tmp_path)
    refused(run_file(empty_database, script), "P0004", "would be rewritten")
    assert five(empty_database) == {}
    assert rows(empty_database, FILES) == files


def test_a_server_too_old_is_told(empty_database: Database, tmp_path: Path) -> None:
    build(empty_database, *PLAIN)
    script = planted("::integer < 130000 THEN", "::integer < 990000 THEN", tmp_path)
    refused(run_file(empty_database, script), "0A000", "Postgres 13 or newer is needed")
    assert five(empty_database) == {}
