import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.report.dom import Node, parse
from tests.running import BIN

PROJECT = Path(__file__).parent / "every_construct"


@dataclass(frozen=True)
class Outputs:
    """What one run of every construct and every ending wrote."""

    terminal: str
    html: str
    page: Node
    markdown: str
    junit: Path


def run(folder: Path, *arguments: str, project: Path = PROJECT, **environ: str) -> subprocess.CompletedProcess[str]:
    """behave on a project of its own, without colour."""
    outside = {"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "NO_COLOR": "1"}
    return subprocess.run(
        [BIN / "behave", *arguments],
        cwd=project,
        env={**os.environ, **outside, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="session")
def every(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    folder = tmp_path_factory.mktemp("every")
    html = folder / "new" / "informe.html"
    done = run(
        folder, "-f", "informe", "-o", str(html), "-f", "consola", "-f", "github", "-t", "not @no_seleccionado",
        "--junit", "--junit-directory", str(folder / "junit"), GITHUB_ACTIONS="true",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    text = html.read_text(encoding="utf-8")
    return Outputs(done.stdout + done.stderr, text, parse(text), (folder / "summary.md").read_text(), folder / "junit")
