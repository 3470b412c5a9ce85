"""The files and recipes CI hosts read are of the shape those hosts ask for, by the schemas they publish."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from steps.support.harness.options import ROOT

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
