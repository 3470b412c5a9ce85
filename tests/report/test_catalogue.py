"""`make steps`: every phrase, with what it means."""

import os
import subprocess
import sys

import pytest

from steps.support.options import ROOT
from tests.running import BIN, behave


def catalogue(**environ: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "steps.support.report.catalogue"],
        cwd=ROOT, env={"COLUMNS": "80", **environ}, capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip


def undocumented(text: str) -> list[str]:
    """Phrases that no indented meaning follows before a blank line."""
    found = []
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if any(line.startswith("  ") for line in lines) and not any(line.startswith("      ") for line in lines):
            found += lines
    return found


def test_every_step_has_its_meaning_in_a_sentence() -> None:
    text = catalogue().partition("Palabras: ")[0]
    assert undocumented(text) == []
    meanings = ["".join(block.splitlines()[-1:]) for block in text.split("\n\n") if "\n      " in block]
    assert len(meanings) > 40
    assert [meaning for meaning in meanings if not meaning.rstrip().endswith(".")] == []


def test_every_phrase_is_listed_once_under_its_kind() -> None:
    text = catalogue()
    assert [line[:5] for line in text.splitlines() if line[:1] in "GWT" and line[:1]] == ["Given", "When:", "Then:"]
    phrases = behave("--dry-run", "--format", "steps.catalog").stdout
    assert text.count("  no cambió nada\n") == 1
    assert "  la tabla '<table>' tiene la columna '<name>' con default '<default>'\n" in text
    assert phrases


def test_it_fits_the_terminal() -> None:
    long = [line for line in catalogue(COLUMNS="60").splitlines() if len(line) > 60]
    assert [line for line in long if line.startswith("      ")] == []


@pytest.mark.parametrize("text", ["Given: x\n\n  una frase\n\n  otra\n      Significa.\n"])
def test_the_check_bites(text: str) -> None:
    assert undocumented(text) == ["  una frase"]


def test_make_prints_it() -> None:
    command = ["make", "--no-print-directory", "--assume-old=.venv/suite", f"BIN={BIN}", "steps"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == catalogue()
