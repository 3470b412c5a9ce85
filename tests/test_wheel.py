"""The package a service installs: what it drags in, its types, and the migrations in it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from tests.running import HANG_SECONDS

NEEDED = {"meta-ads-attribution", "sqlalchemy", "greenlet", "typing_extensions", "pip", "setuptools"}
TYPED = """
from sqlalchemy import create_engine, select
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession

with ClinicSession(create_engine("postgresql+psycopg2://"), tenant_id=5) as session:
    patients = list(session.scalars(select(Patient)))
reveal_type(patients)
"""

Command = Callable[..., str]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """An empty virtual environment with the built wheel in it; runs one of its programs, and gives what it said."""
    folder = tmp_path_factory.mktemp("service")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(program: str | Path, *arguments: str, **environ: str) -> str:
        path = folder / "venv" / "bin" / program if isinstance(program, str) else program
        done = subprocess.run(
            [path, *arguments], cwd=folder, env={**clean, **environ}, capture_output=True, text=True,
            timeout=HANG_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    here = Path(sys.executable)
    run(here, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT))
    run(here, "-m", "venv", str(folder / "venv"))
    [wheel] = folder.glob("*.whl")
    run("python", "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), str(wheel))
    (folder / "wheel").write_text(str(wheel))
    return run


def test_a_service_gets_sqlalchemy_and_nothing_else(service: Command) -> None:
    listed = service("python", "-m", "pip", "list", "--format=freeze").splitlines()
    assert {line.split("==")[0].lower() for line in listed} - {"sqlalchemy"} <= NEEDED
    service("python", "-c", "import orchestrator_service.db.tenancy, orchestrator_service.db.models_dental")


def test_its_types_are_seen_from_outside(service: Command, tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text(TYPED)
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "backend.md").read_text(encoding="utf-8"), re.S)
    assert examples
    for number, example in enumerate(examples):
        (tmp_path / f"example_{number}.py").write_text(example)
    python = service("python", "-c", "import sys; print(sys.executable)").strip()
    done = subprocess.run(
        [Path(sys.executable).parent / "mypy", "--strict", "--python-executable", python, *tmp_path.glob("*.py")],
        cwd=tmp_path, capture_output=True, text=True, timeout=HANG_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "list[orchestrator_service.db.models_dental.Patient]" in done.stdout


def test_alembic_finds_the_migrations_in_the_package(service: Command, empty_database: Database) -> None:
    said = service("python", "-c", "import sys; print(sys.prefix)").strip()
    folder = Path(said).parent
    wheel = (folder / "wheel").read_text()
    service("python", "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), f"{wheel}[migrations]")
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = orchestrator_service:migrations\n")
    (folder / "migrations").mkdir(exist_ok=True)  # as a service has one of its own
    dsn = empty_database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    service("alembic", "upgrade", "head", POSTGRES_DSN=dsn)
    assert {name: read(empty_database, META_ADS.relation)[name] for name in META_ADS.columns} == META_ADS.columns
