"""A new revision by Alembic's own command, and a downgrade of several that asks each before it takes the first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from tests.live.shapes import build, rows
from tests.running import BIN

PART = Path(__file__).parent / "parts" / "90_reminders.toml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what Alembic runs, where a migration may be added."""
    for folder in ("migrations", "orchestrator_service"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(project: Path, *command: str, target: Database | None = None) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("POSTGRES_DSN", "DATABASE_URL")}
    environ["PYTHONPATH"] = str(project)
    if target:
        environ["POSTGRES_DSN"] = target.driver_dsn()
    return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, timeout=120, check=False)


def alembic(project: Path, *arguments: str, target: Database | None = None) -> subprocess.CompletedProcess[str]:
    return run(project, str(BIN / "alembic"), *arguments, target=target)


def add_reminders(project: Path) -> Path:
    """A second migration, as CONTRIBUTING says: a part, rendered, and a revision that runs it. Returns the revision."""
    shutil.copy(PART, project / "migrations" / "templates" / "parts" / "02_reminders.toml")
    assert run(project, sys.executable, "-m", "migrations.render").returncode == 0
    made = alembic(project, "revision", "-m", "reminders")
    assert made.returncode == 0, made.stdout + made.stderr
    return project / "migrations" / "versions" / "0003_reminders.py"


def test_a_new_revision_has_the_next_number_and_nothing_to_mend(project: Path) -> None:
    revision = add_reminders(project)
    text = revision.read_text(encoding="utf-8")
    assert 'revision = "0003"\ndown_revision = "0002"\n' in text
    assert 'sql_file.run("02_reminders.sql")' in text
    assert 'sql_file.run("02_reminders_down.sql")' in text
    for check in (["check"], ["format", "--check"]):
        done = run(project, str(BIN / "ruff"), *check, str(revision))
        assert done.returncode == 0, done.stdout
    assert alembic(project, "heads").stdout.startswith("0003 ")


def test_an_id_of_ones_own_is_kept(project: Path) -> None:
    assert alembic(project, "revision", "-m", "of mine", "--rev-id", "0042").returncode == 0
    assert (project / "migrations" / "versions" / "0042_of_mine.py").is_file()


def test_a_downgrade_asks_every_step_before_it_takes_the_first(project: Path, database: Database) -> None:
    add_reminders(project)
    done = alembic(project, "upgrade", "head", target=database)
    assert done.returncode == 0, done.stdout + done.stderr
    build(database, "UPDATE patients SET meta_ad_id = '1' WHERE id IN (1, 2)")

    refused = alembic(project, "downgrade", "0001", target=database)

    assert refused.returncode != 0
    assert "attribution in 2 rows" in refused.stdout + refused.stderr
    assert rows(database, "SELECT version_num FROM meta_ads_alembic_version") == [("0003",)]
    assert {"reminder_channel", "reminder_note"} <= set(read(database, "appointments"))
    assert set(META_ADS.columns) <= set(read(database, META_ADS.relation))

    build(database, "UPDATE patients SET meta_ad_id = NULL")
    done = alembic(project, "downgrade", "0001", target=database)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(database, "SELECT version_num FROM meta_ads_alembic_version") == [("0001",)]
    assert not {"reminder_channel", "reminder_note"} & set(read(database, "appointments"))
    assert not set(META_ADS.columns) & set(read(database, META_ADS.relation))


def test_alembic_never_stamps_what_was_only_asked_about(
    project: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c migration.ask=yes")
    done = alembic(project, "upgrade", "head", target=database)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(META_ADS.columns) <= set(read(database, META_ADS.relation))
