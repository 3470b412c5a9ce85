"""behave's own formatters, which CI systems are made for, run beside ours: what we attach fails none of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from behave.formatter import _builtins

from steps.support.postgres.server import Server
from tests.gate.candidates import defect
from tests.report.conftest import run
from tests.running import address, behave

BROKEN = "captured"  # by itself: see the last test
FORMATTERS = [name for name, _ in _builtins._BUILTIN_FORMATS if name != BROKEN]
PASSES = "Aislamiento: las clínicas anotan durante la migración"
FALLS = "Meta Ads: las clínicas anotan durante la migración"


def elements(written: list[Any]) -> list[dict[str, Any]]:
    """The scenarios and backgrounds that ran; a feature of which none did has no such member."""
    return [one for feature in written for one in feature.get("elements", ())]


def steps(written: list[Any], title: str) -> list[dict[str, Any]]:
    """Of the scenario of that title."""
    return next(one["steps"] for one in elements(written) if one["name"] == title)


def attached(step: dict[str, Any]) -> list[str]:
    return [one["mime_type"] for one in step.get("embeddings", ())]


@pytest.fixture(scope="module")
def folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each wrote of a run in which a scenario with a picture passes, and one falls."""
    folder = tmp_path_factory.mktemp("formatters")
    asked = [part for name in FORMATTERS for part in ("-f", name, "-o", str(folder / name))]
    ours = [part for name in ("consola", "github", "informe") for part in ("-f", name, "-o", str(folder / name))]
    titles = ["-n", f"^{PASSES}$", "-n", f"^{FALLS}$"]
    done = behave(
        "-D",
        f"postgres={address(server)}",
        "-D",
        f"migration={defect('meta_ad_id_not_null').file(tmp_path)}",
        *titles,
        *asked,
        *ours,
    )
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (1, False), done.stdout + done.stderr
    return folder


def test_each_that_has_something_to_say_says_it(folder: Path) -> None:
    said = {path.name for path in folder.iterdir() if path.is_dir() or path.stat().st_size}
    assert {*FORMATTERS, "consola", "informe"} - said == {"null", "steps.bad", "steps.missing"}


@pytest.mark.parametrize("name", ["json", "json.pretty"])
def test_what_is_attached_is_at_the_step_it_is_of(folder: Path, name: str) -> None:
    written = json.loads((folder / name).read_text(encoding="utf-8"))
    states = {one["name"]: one["status"] for one in elements(written) if one.get("status")}
    assert states == {PASSES: "passed", FALLS: "failed"}
    assert [attached(step) for step in steps(written, PASSES)] == [[], [], [], [], ["image/svg+xml"]]
    of = {step.get("result", {}).get("status"): attached(step) for step in steps(written, FALLS)}
    # A server that is only named shows nobody its log.
    assert of == {"passed": [], "failed": ["application/sql", "image/svg+xml"], None: []}


def test_the_one_left_out_is_broken_without_us(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "a_step.py").write_text(
        "from behave import given\n@given('a')\ndef a(_):\n    print(1 / 0)\n"
    )
    (tmp_path / "a.feature").write_text("Feature: f\n  Scenario: s\n    Given a\n    When b\n")
    done = run(tmp_path, "-f", BROKEN, str(tmp_path / "a.feature"), project=tmp_path)
    assert "no attribute 'title()'" in done.stderr, "behave has mended it: run it with the others"
