"""A database with a schema for each clinic: the script, once for every schema that has the table."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from tests.running import HEAD
from tests.script.shapes import build, five, rows
from tests.script.test_many_runners import alembic_upgrade

# As docs/dba.md has it.
[LOOP] = re.findall(r"```bash\n(.*?not_migrated.*?)```", (ROOT / "docs" / "dba.md").read_text(encoding="utf-8"), re.S)
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
    own["PATH"] = f"{Path(embedded.client('psql')).parent}:{os.environ['PATH']}"
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
    assert output.count(": ran ") == len(SCHEMAS) + 1, output
    again, failed = run_loop(clinics, tmp_path)
    assert failed == []
    assert again.count(": nothing to do") == len(SCHEMAS) + 1, again


def test_a_schema_that_cannot_be_migrated_now_is_named_and_the_others_go_on(clinics: Database, tmp_path: Path) -> None:
    with Blocker(clinics, META_ADS, KINDS["una sesión olvidada"]):  # of public.patients
        output, failed = run_loop(clinics, tmp_path, PGOPTIONS="-c migration.deadline=1s")
    assert failed == ["SET search_path = public"]
    assert output.count(": ran ") == len(SCHEMAS), output
    assert five(clinics) == {}
    assert run_loop(clinics, tmp_path)[1] == []
    assert five(clinics) == META_ADS.columns


def test_through_alembic_a_schema_has_a_history_of_its_own(empty_database: Database) -> None:
    for schema in ("clinic_norte", "clinic_sur"):
        build(empty_database, f"CREATE SCHEMA {schema} CREATE TABLE tenants () CREATE TABLE patients (id int UNIQUE)")
    for schema in ("clinic_norte", "clinic_sur", "clinic_norte"):
        url = empty_database.url.update_query_dict({"options": f"-csearch_path={schema}"})
        run = alembic_upgrade(Database(url))
        output, _ = run.communicate(timeout=120)
        assert run.returncode == 0, output
    for schema in ("clinic_norte", "clinic_sur"):
        assert five(empty_database, f"{schema}.patients") == META_ADS.columns
        assert rows(empty_database, f"SELECT version_num FROM {schema}.meta_ads_alembic_version") == [(HEAD,)]
