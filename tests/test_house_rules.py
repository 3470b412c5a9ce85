"""Who may import whom, and how big and thin files are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.harness.options import ROOT

SPEC_SCENARIOS = """\
Scenario: Ejecución de migración en base de datos existente
  Given la tabla 'patients' ya tiene datos
  When se ejecuta el script de migración '01_meta_ads_columns.sql'
  Then la tabla 'patients' tiene la columna 'acquisition_source' con default 'ORGANIC'
  And la columna 'meta_ad_id' existe y permite NULLs
  And no se perdieron datos de pacientes existentes

Scenario: Persistencia de modelo actualizado
  Given un objeto Patient con acquisition_source='META_ADS'
  When se guarda en la base de datos
  Then el valor se persiste correctamente sin errores de esquema
"""

OURS = ("orchestrator_service", "migrations", "steps", "environment", "tests")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)} imports relatively"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


STEP_FILES = sorted((ROOT / "steps").glob("*.py"))


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_step_files_know_behave_and_support_alone(path: Path) -> None:
    assert path.name.endswith("_steps.py"), "behave executes every file here; what is no step belongs in steps/support"
    assert [name for name in imports(path) if not within(name, "behave", "steps.support")] == []


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_steps_are_thin(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        assert ast.get_docstring(function), f"{path.name}: {function.name} does not say, in Spanish, what it means"
        assert len(function.body) <= 4, f"{path.name}: {function.name} does too much"
        for node in ast.walk(function):
            forbidden = isinstance(node, ast.If | ast.For | ast.While | ast.Try | ast.Assert)
            assert not forbidden, f"{path.name}: {function.name} decides"


def test_support_knows_no_behave_but_in_the_runner() -> None:
    allowed = {
        ROOT / "steps/support/harness/runner.py",
        ROOT / "steps/support/harness/selection.py",
        ROOT / "environment.py",
    }
    for path in [*python_files("steps/support"), ROOT / "environment.py"]:
        if path not in allowed and "report" not in path.parts:
            assert [name for name in imports(path) if within(name, "behave")] == [], path


def test_the_service_knows_nobody_here() -> None:
    for path in python_files("orchestrator_service"):
        assert [name for name in imports(path) if within(name, "migrations", "steps", "tests", "environment")] == [], (
            path
        )


def test_migrations_never_import_the_models() -> None:
    for path in python_files("migrations"):
        allowed = "orchestrator_service" if path.name == "env.py" else "nobody"
        foreign = [name for name in imports(path) if within(name, *OURS) and not within(name, "migrations", allowed)]
        assert foreign == [], path


def test_files_are_small() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("steps/support"))
    assert lengths[len(lengths) // 2] < 100
    assert lengths[-1] <= 200


def test_the_specs_scenarios_stand_word_for_word() -> None:
    feature = (ROOT / "features" / "atribucion.feature").read_text(encoding="utf-8")
    written = [line.strip() for line in feature.splitlines()]
    for scenario in SPEC_SCENARIOS.strip().split("\n\n"):
        lines = [line.strip() for line in scenario.splitlines()]
        assert any(written[i : i + len(lines)] == lines for i in range(len(written))), scenario
