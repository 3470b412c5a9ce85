"""The collector, by one run of behave on every way a scenario can be written and end."""

import os
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import pytest

from tests.running import BIN

FEATURE = """
Feature: Todas las maneras
  Con una descripción.

  Background:
    Given un paso

  Scenario: Pasa
    When un paso más

  Rule: Una regla

    Scenario Outline: Fila <n>
      Then encuentra <n>

      Examples:
        | n |
        | 0 |
        | 1 |

    Scenario: Sin definir
      Then esto no existe

  Scenario: Se salta
    When se salta

  Scenario: Error
    When una clave mal

  Scenario: Interrumpida
    When se interrumpe

  Scenario: Después
    Given un paso
"""
STEPS = """
from behave import given, when, then
from steps.support.finding import Finding, Kind, Rows
from steps.support.unmet import require

@given("un paso")
@when("un paso más")
def step(context): pass

@then("encuentra {n:d}")
def finds(context, n):
    require([Finding(Kind.ROWS_LOST, "patients", before=Rows(n, ("id 7",)))] * n)

@when("se salta")
def skips(context): context.scenario.skip("acá no aplica")

@when("una clave mal")
def broken(context): raise KeyError("postgresql://user:secret@host/db")

@when("se interrumpe")
def interrupted(context): raise KeyboardInterrupt
"""
HOOKS = """
from steps.support.report.about import give
from steps.support.report.run import About

def before_all(context):
    give(context.config, context._runner.formatters, About(features=context._runner.features))

def before_scenario(context, scenario):
    if scenario.name == "Fila 0":
        context.add_cleanup(lambda: 1 / 0)
"""
SETTINGS = """
[behave]
paths = features
default_format = consola
scenario_outline_annotation_schema = {name}
summary = false
show_skipped = false
[behave.formatters]
consola = steps.support.report.terminal:Terminal
informe = steps.support.report.page:Page
github = steps.support.report.github:GitHub
"""


@dataclass(frozen=True)
class Outputs:
    terminal: str
    page: str
    summary: str
    junit: ET.Element


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    folder = tmp_path_factory.mktemp("project")
    files = {"features/a.feature": FEATURE, "features/steps/s.py": STEPS,
             "features/environment.py": HOOKS, "behave.ini": SETTINGS}  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    outside = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "NO_COLOR": "1"}
    done = subprocess.run(
        [BIN / "behave", "features/a.feature", "-f", "informe", "-f", "github", "-f", "consola", "--junit",
         "--junit-directory", "junit"],
        cwd=folder, env={**os.environ, **outside}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback (most" not in done.stderr
    page = (folder / "build" / "informe.html").read_text(encoding="utf-8")
    return Outputs(
        done.stdout, page, (folder / "summary.md").read_text(), ET.parse(folder / "junit/TESTS-a.xml").getroot()
    )


def test_the_terminal_has_a_line_a_scenario_and_the_verdict_last(outputs: Outputs) -> None:
    lines = outputs.terminal.splitlines()
    for line in ("  ✓ Pasa", "  ✗ Fila 0", "  ✗ Fila 1", "  ✗ Sin definir", "  ↷ Se salta: acá no aplica",
                 "  ✗ Error"):  # fmt: skip
        assert line in lines, outputs.terminal
    assert lines[-1].startswith("No cumple: se pierde 1 fila de patients (id 7). No debe ir a producción. (8 esc")


def test_each_ending_is_what_it_was(outputs: Outputs) -> None:
    for text in (outputs.page, outputs.summary):
        assert "se pierde 1 fila" in text
    assert "Otra falla impidió probar 3 más" in outputs.page
    assert "Este paso no está definido." in outputs.page
    assert "Falló lo que rodea a los pasos." in outputs.page
    assert "acá no aplica" in outputs.page
    assert "Una regla" in outputs.page
    assert 'scenario not_run" id="interrumpida"' in outputs.page
    assert "KeyboardInterrupt" not in outputs.page


def test_no_password_is_in_any_output(outputs: Outputs) -> None:
    texts = (outputs.terminal, outputs.page, outputs.summary, ET.tostring(outputs.junit, encoding="unicode"))
    assert "user:***@host" in outputs.page
    assert not any("secret" in one for one in texts)


def test_junit_has_the_reason_of_a_skip_and_no_pass_of_what_did_not_run(outputs: Outputs) -> None:
    cases = {case.get("name"): case for case in outputs.junit.iter("testcase")}
    skipped = cases["Se salta"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "acá no aplica"
    ended = {name: [child.tag for child in case if child.tag != "system-out"] for name, case in cases.items()}
    assert ended["Pasa"] == []
    assert ended["Fila 1"] == ["failure"]
    assert all(ended[name] for name in cases if name != "Pasa"), ended
