"""The files and recipes CI hosts read are of the shape those hosts ask for, by the schemas they publish."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from steps.support.options import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "acceptance.yml"
RECIPES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.S)


def refused(schema: str, file: Path) -> str:
    """What the host's schema, which comes with check-jsonschema, has against the file; empty when nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode else ""


def test_github_takes_the_workflow() -> None:
    assert refused("github-workflows", WORKFLOW) == ""


@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
def test_gitlab_takes_the_recipe(recipe: str, tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(recipe, encoding="utf-8")
    assert refused("gitlab-ci", file) == ""
    assert len(recipe.splitlines()) <= 5


def test_there_is_a_recipe_without_docker_and_with() -> None:
    assert len(RECIPES) >= 2
    assert "postgres=embedded" in RECIPES[0]


@pytest.mark.parametrize("text", [*RECIPES, WORKFLOW.read_text(encoding="utf-8")], ids=range(len(RECIPES) + 1))
def test_what_is_kept_is_what_the_command_writes(text: str) -> None:
    arguments = re.search(r'make acceptance ARGS="(.*?)"', text)
    assert arguments
    given = shlex.split(re.sub(r"\$\{\{.*?\}\}", "x", arguments[1]))
    assert given[given.index("--junit-directory") + 1] == "build/junit"
    assert "build/informe.html" in text
    assert text.count("build/junit") >= 2


def commands(target: str) -> str:
    """What make would run for a target."""
    return subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_test_command_is_what_the_docs_say() -> None:
    said = commands("test")
    checks = ("ruff check .", "ruff format --check .", "/mypy", "pytest -n", "pytest -m alone")
    for each in (*checks, "behave -D postgres=embedded", "behave -D postgres=docker"):
        assert each in said, each
    assert "-f consola -f github -f informe" in commands("acceptance")


def test_the_gate_runs_the_tests_without_docker_and_with() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    runs = [line for line in lines if line.endswith("make test")]
    assert len(runs) == 2, runs
    for without in ("DOCKER_HOST=unix:///nonexistent.sock", "PGBOUNCER=none", "LANG="):
        assert [without in line for line in runs] == [True, False]


def test_the_workflow_has_every_python_and_every_postgres() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    assert re.findall(r'"(3\.\d+)"', text.partition("python: [")[2].partition("]")[0]) == [
        "3.11",
        "3.12",
        "3.13",
        "3.14",
    ]
    images = re.findall(r'"postgres:(\d+)"', text.partition("image: [")[2].partition("]")[0])
    assert images == ["13", "14", "15", "16", "17", "18", "19"]
    for each in (".ci/run", "citusdata/citus", "python:3.13-slim", "sqlalchemy[asyncio]==2.0.40"):
        assert each in text, each


@pytest.mark.parametrize(
    ("schema", "was", "becomes"),
    [("github-workflows", "runs-on:", "run-on:"), ("gitlab-ci", "script:", "scripts:"), ("gitlab-ci", "when:", "wen:")],
)
def test_the_check_bites(schema: str, was: str, becomes: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    text = WORKFLOW.read_text(encoding="utf-8") if schema == "github-workflows" else RECIPES[0]
    assert was in text
    file.write_text(text.replace(was, becomes), encoding="utf-8")
    assert refused(schema, file) != ""
