"""The files and recipes CI hosts read have the shape they ask for, and keep what the command writes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from steps.support.options import ROOT
from tests.running import HANG_SECONDS

WORKFLOW = (ROOT / ".github" / "workflows" / "acceptance.yml").read_text(encoding="utf-8")
RECIPES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.S)
FILES = [("github-workflows", WORKFLOW), *(("gitlab-ci", recipe) for recipe in RECIPES)]


def accepted(schema: str, text: str, folder: Path) -> bool:
    """Whether the schema the host publishes, which comes with check-jsonschema, takes the file."""
    file = folder / "file.yml"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    return subprocess.run(command, capture_output=True, timeout=HANG_SECONDS, check=False).returncode == 0


@pytest.mark.parametrize(("schema", "text"), FILES, ids=range(len(FILES)))
def test_the_host_takes_the_file(schema: str, text: str, tmp_path: Path) -> None:
    assert accepted(schema, text, tmp_path)
    assert not accepted(schema, text.replace("script:", "scripts:").replace("runs-on:", "run-on:"), tmp_path)


def test_there_is_a_recipe_without_docker_and_with() -> None:
    assert ["postgres=embedded" in recipe for recipe in RECIPES] == [True, False]


@pytest.mark.parametrize("text", [text for _, text in FILES], ids=range(len(FILES)))
def test_what_is_kept_is_what_the_command_writes(text: str) -> None:
    assert re.search(r'make acceptance ARGS=".*--junit-directory build/junit.*"', text)
    assert "build/informe.html" in text
    assert text.count("build/junit") >= 2


def test_the_gate_runs_the_tests_without_docker_and_with() -> None:
    runs = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.endswith("make test")]
    assert ["DOCKER_HOST=unix:///nonexistent.sock" in line for line in runs] == [True, False]
