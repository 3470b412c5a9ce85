"""A database with a schema for each clinic: the script, once for every schema that has the table."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from steps.support.harness.concurrency.blockers import KINDS, Blocker
from steps.support.harness.databases.database import Database
from steps.support.harness.options import ROOT
from steps.support.harness.servers import embedded
from steps.support.spec.product import META_ADS
from tests.live.shapes import build, five

# As docs/dba.md has it. %I writes a name as SQL wants it, whatever is in it; psql runs -c and -f in one session.
LOOP = """
psql -XAt -c "SELECT format('SET search_path = %I', nspname)
              FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
              WHERE relname = 'patients' AND relkind IN ('r', 'p') AND NOT relispartition
                AND relpersistence <> 't' ORDER BY 1" |
while IFS= read -r schema; do
  psql -X -v ON_ERROR_STOP=1 -c "$schema" -f migrations/01_meta_ads_columns.sql </dev/null ||
    echo "$schema" >>not_migrated
done
"""
SCHEMAS = ["public", "clinica_norte", "Clínica Sur", 'comillas " y espacios', "$HOME; \\q 'x'"]
PARTITIONED = "a_partitioned_one"


def quoted(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'


@pytest.fixture
def clinics(empty_database: Database) -> Database:
    """A schema for each clinic, and one without patients."""
    build(empty_database, "CREATE SCHEMA without_any", "CREATE VIEW without_any.patients AS SELECT 1 AS id")
    for schema in SCHEMAS:
        build(empty_database, f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        build(empty_database, f"CREATE TABLE {quoted(schema)}.patients (id serial PRIMARY KEY, full_name text)")
    return build(
        empty_database,
        f"CREATE SCHEMA {PARTITIONED}",
        f"CREATE TABLE {PARTITIONED}.patients (id int) PARTITION BY LIST (id)",
        # A partition may have the name too; its columns come from above it.
        f"CREATE SCHEMA parts CREATE TABLE patients PARTITION OF {PARTITIONED}.patients DEFAULT",
    )


def run_loop(database: Database, home: Path, loop: str = LOOP, **settings: str) -> tuple[str, list[str]]:
    """Run the loop as a DBA does; what it printed, and the schemas it says are not migrated."""
    url = database.url
    words = {
        "HOST": url.host or url.query.get("host"),
        "PORT": url.port,
        "USER": url.username,
        "DATABASE": url.database,
    }
    own = {f"PG{name}": str(value) for name, value in {**words, "PASSWORD": url.password}.items() if value}
    own["PATH"] = f"{Path(embedded.psql()).parent}:{os.environ['PATH']}"
    failed = home / "not_migrated"
    failed.write_text("")
    script = loop.replace("not_migrated", shlex.quote(str(failed)))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], cwd=ROOT, env={**os.environ, **own, **settings},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr, failed.read_text(encoding="utf-8").splitlines()


def test_every_schema_is_migrated_and_a_second_time_nothing_is(clinics: Database, tmp_path: Path) -> None:
    output, failed = run_loop(clinics, tmp_path)
    assert failed == [], output
    for schema in [*SCHEMAS, PARTITIONED, "parts"]:
        assert five(clinics, f"{quoted(schema)}.patients") == META_ADS.columns, schema
    assert output.count(": added ") == len(SCHEMAS) + 1, output
    again, failed = run_loop(clinics, tmp_path)
    assert failed == []
    assert again.count(": nothing to do") == len(SCHEMAS) + 1, again


def test_a_schema_that_cannot_be_migrated_now_is_named_and_the_others_go_on(clinics: Database, tmp_path: Path) -> None:
    with Blocker(clinics, META_ADS, KINDS["una sesión olvidada"]):  # of public.patients
        output, failed = run_loop(clinics, tmp_path, PGOPTIONS="-c migration.deadline=1s")
    assert failed == ["SET search_path = public"]
    assert output.count(": added ") == len(SCHEMAS), output
    assert five(clinics) == {}
    assert run_loop(clinics, tmp_path)[1] == []
    assert five(clinics) == META_ADS.columns
