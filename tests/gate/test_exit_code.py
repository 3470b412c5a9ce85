"""What proves nothing ends with 1, as what fails does, and says why in one line."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from steps.support.postgres.server import Server
from tests.gate.candidates import defect
from tests.running import address, behave

Runs = Callable[..., subprocess.CompletedProcess[str]]
STEP = "from behave import given\n\n@given('algo')\ndef algo(context):\n    {}\n"
HOOK = "def before_{0}(context, *about):\n    {1}\n"
RUNS = {
    "a step nobody defined": ("Given algo", "", "", ""),
    "a step that is pending": ("Given algo", STEP.format("raise NotImplementedError"), "", ""),
    "a step that breaks": ("Given algo", STEP.format("raise KeyError(1)"), "", ""),
    "no step at all": ("", "", "", "a scenario without steps"),
    "a scenario that skips itself": (
        "Given algo",
        STEP.format("pass"),
        HOOK.format("scenario", "about[0].skip('no es hoy')"),
        "Nothing was run: every selected scenario was skipped.",
    ),
    "a hook that breaks": ("Given algo", STEP.format("pass"), HOOK.format("scenario", "raise KeyError(1)"), ""),
    "a hook of the whole run that breaks": ("Given algo", STEP.format("pass"), HOOK.format("all", "1 / 0"), ""),
}


@pytest.fixture
def run(tmp_path: Path, server: Server) -> Runs:
    """Runs one scenario of that step, with those definitions and hooks."""

    def one(step: str, steps: str, hooks: str) -> subprocess.CompletedProcess[str]:
        feature = tmp_path / "odd.feature"
        feature.write_text(f"@01_meta_ads_columns\nFeature: f\n  Scenario: s\n    {step}\n", encoding="utf-8")
        (tmp_path / "steps").mkdir()
        (tmp_path / "steps" / "some_steps.py").write_text(steps, encoding="utf-8")
        (tmp_path / "environment.py").write_text(hooks, encoding="utf-8")
        return behave(str(feature), "-D", f"postgres={address(server)}")

    return one


@pytest.mark.parametrize("odd", RUNS.values(), ids=RUNS)
def test_it_is_no_success(odd: tuple[str, ...], run: Runs) -> None:
    *written, said = odd
    done = run(*written)
    assert done.returncode == 1, done.stdout
    assert said in done.stdout


def test_the_same_scenario_passes_when_nothing_is_wrong(run: Runs) -> None:
    assert run("Given algo", STEP.format("pass"), "").returncode == 0


def test_a_run_of_nothing_leaves_no_report_of_an_earlier_one(tmp_path: Path) -> None:
    report = tmp_path / "informe.html"
    report.write_text("Cumple", encoding="utf-8")
    run = behave("-n", "no scenario has this name", "-f", "informe", "-o", str(report))
    assert run.returncode == 1
    assert "Nothing to run" in run.stdout
    assert "Postgres 1" not in run.stdout, "a server was started for nothing"
    assert not report.exists()


def test_a_defect_is_refused_from_the_command_line(server: Server, tmp_path: Path) -> None:
    script = defect("appends_a_dot_to_one_note").file(tmp_path)
    run = behave(
        "-D", f"postgres={address(server)}", "-D", f"migration={script}", "-n", "Ningún dato de ninguna clínica cambia"
    )
    assert run.returncode == 1
    assert "Cambian datos de patients.notes en 1 paciente (id " in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_a_wrong_option_is_refused_before_anything_starts() -> None:
    run = behave("-D", "patient=3")
    assert run.returncode == 1
    assert "No such option: -D patient" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "Postgres 1" not in run.stdout


def test_without_a_server_one_line_says_so(tmp_path: Path) -> None:
    report = tmp_path / "informe.html"
    away = "postgres=postgresql://ana:s3cret@127.0.0.1:1/postgres"
    run = behave("-D", away, "--junit", "--junit-directory", str(tmp_path), "-f", "informe", "-o", str(report))
    assert run.returncode == 1
    said = run.stdout + run.stderr + "".join(file.read_text() for file in tmp_path.iterdir())
    assert "No Postgres to run on: postgresql://ana:***@127.0.0.1:1/postgres" in said
    assert "s3cret" not in said
    assert "Traceback" not in said
