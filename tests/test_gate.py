"""The gate's own teeth: it refuses a bad script, a wrong option, a missing server, and a run of nothing."""

import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from steps.support.options import ROOT, options
from steps.support.postgres.server import DATABASES, Server, connect
from steps.support.product import PRODUCT
from tests.running import address, behave


def failing(output: str) -> list[str]:
    """The titles the terminal names as failed or in error."""
    return re.findall(r"^ *(?:FAILED|ERROR) features/\S+:\d+ (.*)$", output, re.M)


def databases(server: Server) -> list[str]:
    with connect(server.url) as connection:
        return sorted(connection.exec_driver_sql(DATABASES).scalars())


def test_a_refusal_reads_the_same_from_the_command_line(server: Server) -> None:
    script = ROOT / "tests" / "defects" / "appends_a_dot_to_one_note.sql"
    run = behave("-D", f"postgres={address(server)}", "-D", f"migration={script}", "features/datos_existentes.feature")
    assert run.returncode == 1
    assert failing(run.stdout) == ["Meta Ads: ningún dato de ninguna clínica cambia"]
    assert "patients: cambió 1 fila: id " in run.stdout
    assert "Nothing was run" not in run.stdout
    assert "Traceback" not in run.stdout


def test_scenarios_pass_alone(server: Server) -> None:
    for title in ("Persistencia de modelo actualizado", "Meta Ads: la segunda vez no cambia nada"):
        run = behave("-n", title, "-D", f"postgres={address(server)}")
        assert run.returncode == 0, run.stdout
        assert re.search(rf"^Postgres {re.escape(server.version)}, .*\(-D postgres names it\)$", run.stdout, re.M), (
            run.stdout
        )


@pytest.mark.parametrize(
    "body", ["", "    raise PendingStepError", "    raise KeyError(1)"], ids=["undefined", "pending", "broken"]
)
def test_what_is_undefined_pending_or_broken_is_no_success(body: str, tmp_path: Path, server: Server) -> None:
    feature = tmp_path / "odd.feature"
    feature.write_text("@01_meta_ads_columns\nFeature: f\n  Scenario: s\n    Given algo\n", encoding="utf-8")
    (tmp_path / "steps").mkdir()
    (tmp_path / "environment.py").write_text("", encoding="utf-8")
    if body:
        text = "from behave import given\nfrom behave.api.pending_step import PendingStepError\n\n\n"
        (tmp_path / "steps" / "some_steps.py").write_text(f"{text}@given('algo')\ndef algo(context):\n{body}\n")
    assert behave(str(feature), "-D", f"postgres={address(server)}").returncode == 1


def test_an_argument_behave_does_not_know_is_a_failure_of_its_own() -> None:
    assert behave("--no-such-argument").returncode == 2
    assert subprocess.run(["make", "no-such-target"], cwd=ROOT, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize("selection", [("-n", "no scenario has this name"), ("-t", "no_such_tag")])
def test_a_run_of_nothing_is_no_success(selection: tuple[str, str]) -> None:
    run = behave(*selection, "-D", "postgres=embedded")
    assert run.returncode == 1
    assert "Nothing to run" in run.stdout
    assert "Postgres 1" not in run.stdout, "a server was started for nothing"


def test_a_run_of_skipped_scenarios_alone_is_no_success(tmp_path: Path, server: Server) -> None:
    feature = tmp_path / "skipped.feature"
    feature.write_text(
        "@01_meta_ads_columns\nFeature: f\n  Scenario: s\n    Given la tabla 'patients' ya tiene datos\n",
        encoding="utf-8",
    )
    (tmp_path / "steps").mkdir()
    (tmp_path / "environment.py").write_text(
        "def before_scenario(context, scenario):\n    scenario.skip('no es hoy')\n", encoding="utf-8"
    )
    run = behave(str(feature), "-D", f"postgres={address(server)}")
    assert run.returncode == 1, run.stdout
    assert "Nothing was run: every selected scenario was skipped." in run.stdout


def test_a_scenario_without_steps_is_no_success(tmp_path: Path) -> None:
    feature = tmp_path / "empty.feature"
    feature.write_text("Feature: f\n  Scenario: nada\n", encoding="utf-8")
    (tmp_path / "steps").mkdir()
    run = behave(str(feature), "-D", "postgres=embedded")
    assert run.returncode == 1
    assert "empty.feature:2: a scenario without steps" in run.stdout
    assert "Postgres 1" not in run.stdout


def test_help_lists_the_options_with_their_defaults_and_starts_nothing() -> None:
    run = behave("-D", "help")
    assert run.returncode == 0
    assert all(f"-D {name} " in run.stdout for name in options(PRODUCT))
    assert run.stdout.count("default: ") == len(options(PRODUCT))
    assert "Postgres 1" not in run.stdout


def test_the_report_says_when_there_was_no_server(tmp_path: Path) -> None:
    report = tmp_path / "informe.html"
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    away = "postgres=postgresql://ana:s3cret@127.0.0.1:1/d"
    run = behave("-D", away, "-f", "informe", "-o", str(report), "-f", "github", **github)
    assert run.returncode == 1
    page = report.read_text(encoding="utf-8")
    assert "<h1>No se pudo comprobar nada: no hubo un Postgres donde ejecutar los escenarios.</h1>" in page
    assert "No Postgres to run on: postgresql://ana:***@127.0.0.1:1/d" in page
    assert run.stdout.count("::error ") == 1
    assert "s3cret" not in page + run.stdout + (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_report_of_an_earlier_run_is_not_left_to_be_read(tmp_path: Path) -> None:
    report = tmp_path / "informe.html"
    report.write_text("Cumple", encoding="utf-8")
    behave("-n", "no scenario has this name", "-f", "informe", "-o", str(report))
    assert not report.exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("patient=3", "No such option: -D patient"),
        ("keep=perhaps", "never | failed | always"),
        ("postgres=oracle", "auto | docker | embedded"),
        ("migration=no/such/file.sql", "No such file"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_starts(option: str, said: str) -> None:
    run = behave("-D", option)
    assert run.returncode == 1
    assert said in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "Scenario" not in run.stdout


def test_without_a_server_every_scenario_fails_by_the_same_line_also_in_junit(tmp_path: Path) -> None:
    away = "postgres=postgresql://ana:s3cret@127.0.0.1:1/postgres"
    run = behave("-D", away, "--junit", "--junit-directory", str(tmp_path), "features/columnas.feature")
    assert run.returncode == 1
    assert "No Postgres to run on: postgresql://ana:***@127.0.0.1:1/postgres" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "Nothing was run" not in run.stdout
    cases = [case for file in tmp_path.glob("*.xml") for case in ET.parse(file).iter("testcase")]
    assert len(cases) == 7
    for case in cases:
        assert "No Postgres to run on" in "".join(case.itertext()) + str([child.attrib for child in case])
        assert case.find("failure") is not None or case.find("error") is not None
    assert "s3cret" not in run.stdout + "".join(file.read_text() for file in tmp_path.glob("*.xml"))


def test_a_role_that_may_not_create_databases_gets_one_line(server: Server) -> None:
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE humble LOGIN PASSWORD 's3cret'")
    try:
        url = server.url.set(drivername="postgresql", username="humble", password="s3cret")
        run = behave("-D", f"postgres={url.render_as_string(hide_password=False)}", "features/columnas.feature")
        assert run.returncode == 1
        assert "Role humble may not create databases" in run.stdout
        assert "s3cret" not in run.stdout
    finally:
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE humble")
