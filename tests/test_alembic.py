"""Alembic as it is called: on any database, beside other histories, by many at once, and what it answers."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_alembic
from alembic import command
from alembic.config import Config
from pytest_alembic.runner import MigrationContext
from pytest_alembic.tests import (  # noqa: F401  each has a docstring that says what it is good for
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)

from steps.support.options import ROOT
from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from tests.running import BIN, HANG_SECONDS, HEAD, alembic

OURS, ISOLATION = "meta_ads_alembic_version", "alembic_version_tenant_isolation"
ISOLATE = ("-c", "migrations/tenant_isolation.ini")
TYPED = re.compile(r"\balembic (?:-\w \S+ )*(?:up|down)grade \w+")
SCRIPTS = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "migrations").glob("*.sql")))
HOLD = "LOCK TABLE patients IN ACCESS SHARE MODE"


@pytest.fixture
def alembic_runner(empty_database: Database) -> Iterator[MigrationContext]:
    """What pytest-alembic's own tests run on."""
    ours = Config(toml_file=ROOT / "pyproject.toml")
    with pytest_alembic.runner(pytest_alembic.Config.from_raw_config(ours), empty_database.engine()) as runner:
        yield runner


def start(database: Database, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BIN / "alembic", *arguments], cwd=ROOT, env={**os.environ, "POSTGRES_DSN": database.driver_dsn(), **environ},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(database: Database, *arguments: str, fails: bool = False, **environ: str) -> str:
    """What `alembic` said, on one line."""
    process = start(database, *arguments, **environ)
    said = " ".join(process.communicate(timeout=HANG_SECONDS)[0].split())
    assert "Traceback" not in said
    assert (process.returncode != 0) == fails, said
    return said


def execute(database: Database, sql: str) -> list[object]:
    with database.connect() as connection:
        result = connection.exec_driver_sql(sql)
        return list(result.scalars()) if result.returns_rows else []


def at(database: Database, table: str = OURS) -> list[object]:
    return execute(database, f"SELECT version_num FROM {table}")


def added(database: Database) -> bool:
    columns = read(database, META_ADS.relation)
    return {name: columns.get(name) for name in META_ADS.columns} == META_ADS.columns


def test_an_empty_database_a_lived_in_one_and_a_migrated_one(database: Database, empty_database: Database) -> None:
    for target in (empty_database, database, database):
        run(target, "upgrade", "head")
        assert added(target)
        assert at(target) == [HEAD]


def test_many_at_once_on_an_empty_database(empty_database: Database) -> None:
    runs = [start(empty_database, "upgrade", "head") for _ in range(4)]
    outputs = [each.communicate(timeout=HANG_SECONDS)[0] for each in runs]
    assert [output for each, output in zip(runs, outputs, strict=True) if each.returncode] == []
    assert sum("Running upgrade 0001 -> 0002" in output for output in outputs) == 1
    assert at(empty_database) == [HEAD]


def test_notices_come_while_the_script_waits_and_the_next_runner_gives_up(database: Database) -> None:
    with database.engine().begin() as holder:
        holder.exec_driver_sql(HOLD)
        waiting = start(database, "upgrade", "head", PGOPTIONS="-c idle_in_transaction_session_timeout=300ms")
        assert any("wait" in line for line in waiting.stdout or ())
        said = run(database, "-x", "deadline=500ms", "upgrade", "head", fails=True)
        assert said.endswith("FAILED: Another alembic has been migrating this database for 500ms. Nothing was changed.")
        assert waiting.poll() is None
    waiting.communicate(timeout=HANG_SECONDS)
    assert waiting.returncode == 0


def test_an_error_has_its_sqlstate(database: Database) -> None:
    with database.engine().begin() as holder:
        holder.exec_driver_sql(HOLD)
        said = run(database, "-x", "deadline=1s", "upgrade", "head", fails=True)
    assert "FAILED: 55P03: " in said
    assert "HINT: " in said
    assert at(database) == ["0001"]


@pytest.mark.parametrize("first", ["theirs", "ours"])
def test_histories_side_by_side(first: str, database: Database, tmp_path: Path) -> None:
    """Theirs is as `alembic init` makes it; its revision has our number, and runs our script as docs/dba.md says."""
    theirs = Config(tmp_path / "alembic.ini", stdout=io.StringIO())
    command.init(theirs, str(tmp_path / "theirs"))
    theirs.set_main_option("sqlalchemy.url", database.url.render_as_string(hide_password=False).replace("%", "%%"))
    command.revision(theirs, rev_id="0002")
    [revision] = (tmp_path / "theirs" / "versions").iterdir()
    [example] = re.findall(r"```python\n(def upgrade.*?)```", (ROOT / "docs" / "dba.md").read_text("utf-8"), re.DOTALL)
    body = example.replace('"migrations/', f'"{ROOT}/migrations/')
    revision.write_text(f"from pathlib import Path\n{revision.read_text('utf-8')}\n{body}", "utf-8")

    def ours() -> None:
        run(database, "upgrade", "head")
        run(database, *ISOLATE, "upgrade", "head")

    order = [lambda: command.upgrade(theirs, "head"), ours]
    for each in order if first == "theirs" else reversed(order):
        each()
        assert added(database)
    tables = ("alembic_version", OURS, ISOLATION)
    assert [at(database, table) for table in tables] == [["0002"], [HEAD], ["isolation_0001"]]
    run(database, *ISOLATE, "downgrade", "base")
    run(database, "downgrade", "0001")
    assert [at(database, table) for table in tables] == [["0002"], ["0001"], []]


@pytest.mark.parametrize("asked", ["migration.ask", "migration.verify"])
def test_asking_is_for_psql(asked: str, database: Database) -> None:
    run(database, "upgrade", "head")
    assert f"{asked} is for psql" in run(database, "downgrade", "0001", fails=True, PGOPTIONS=f"-c {asked}=yes")
    assert at(database) == [HEAD]
    assert added(database)


def test_the_commands_that_scripts_print_can_be_typed(database: Database) -> None:
    assert len(TYPED.findall(SCRIPTS)) == SCRIPTS.count("alembic ")  # else one of them is half a command
    for typed in sorted(set(TYPED.findall(SCRIPTS)), key=lambda typed: ("downgrade" in typed, typed)):
        history = ISOLATE if "-c" in typed.split() else ()
        if "downgrade" in typed:
            run(database, *history, "upgrade", "head")
        if "drop_attribution" in typed:
            execute(database, "UPDATE patients SET meta_ad_id = '1' WHERE id = 1")
            assert typed in run(database, "downgrade", "0001", fails=True)
        run(database, *typed.split()[1:])


def test_check_finds_drift_and_minds_its_own_tables(database: Database) -> None:
    run(database, "upgrade", "head")
    execute(database, "CREATE TABLE of_another_service (x int)")
    execute(database, "COMMENT ON COLUMN patients.meta_ad_id IS 'what a DBA notes'")
    run(database, "check")
    execute(database, "ALTER TABLE patients ALTER acquisition_source DROP DEFAULT")
    run(database, "check", fails=True)


def test_offline_it_prints_what_psql_would_run(empty_database: Database) -> None:
    done = alembic("-x", "max_stall=200ms", "upgrade", "head", "--sql")
    assert done.returncode == 0, done.stderr
    assert META_ADS.script.read_text(encoding="utf-8").strip() in done.stdout
    with empty_database.connect() as connection:
        connection.exec_driver_sql(done.stdout, execution_options={"no_parameters": True})
    assert added(empty_database)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-x", "dedline=1s", "upgrade", "head"), "Unknown -x dedline. There are deadline, max_stall and drop_"),
        (("-x", "deadline=never", "upgrade", "head"), '22023: invalid value for parameter "lock_timeout": "never"'),
        (("upgrade", "0009"), "Can't locate revision identified by '0009'"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(
    arguments: tuple[str, ...], said: str, database: Database
) -> None:
    assert said in run(database, *arguments, fails=True)
    assert execute(database, f"SELECT to_regclass('{OURS}')") == [None]


@pytest.mark.parametrize(
    ("address", "said"), [("", "neither POSTGRES_DSN nor"), ("postgres://a:s3cret@127.0.0.1:1/d", "refused")]
)
def test_a_wrong_address_is_one_clear_error(address: str, said: str) -> None:
    done = alembic("upgrade", "head", POSTGRES_DSN=address)
    assert done.returncode != 0
    assert said in done.stderr + done.stdout
    assert not re.search("Traceback|s3cret", done.stderr + done.stdout)


def test_a_new_revision_has_only_its_scripts_to_name(tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    ours = Config(toml_file=ROOT / "pyproject.toml")
    ours.set_main_option("path_separator", "os")
    ours.set_main_option("version_locations", f"{ROOT / 'migrations' / 'versions'}:{versions}")
    command.revision(ours, "reminders", rev_id="9999", version_path=str(versions))
    ruff = map(str, [BIN / "ruff", "check", "--config", ROOT / "pyproject.toml", *versions.iterdir()])
    subprocess.run([*ruff], cwd=tmp_path, check=True)
