"""axe-core finds nothing in the report, in Chromium. Run by `make axe`, for it needs npm and a browser.

It fails, and never skips, where either is missing.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from tests.gate.candidates import defect
from tests.rehearsal.snapshots import dump, product
from tests.report.conftest import PROJECT, run
from tests.running import behave

AXE = Path(__file__).with_name("axe")
INSTALLED = ROOT / "build" / "axe"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium: apt-get install chromium, or name one in CHROMIUM"
    assert shutil.which("npm"), "no npm: apt-get install npm"
    shutil.copytree(AXE, INSTALLED, dirs_exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=INSTALLED, check=True, timeout=300)
    return found


def violations(browser: str, *pages: Path) -> list[dict[str, Any]]:
    command = ["node", "axe.mjs", browser, *map(str, pages)]
    done = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_every_construct_and_every_ending(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "every.html"
    run(tmp_path, "-f", "informe", "-o", str(page), project=PROJECT)
    assert violations(browser, page) == []


@pytest.mark.parametrize("bad", [None, "meta_ad_id_not_null", "drops_the_unique_constraint"])
def test_the_suite_passing_and_failing(browser: str, bad: str | None, tmp_path: Path) -> None:
    page = tmp_path / "suite.html"
    script = [f"-Dmigration={defect(bad).file(tmp_path)}"] if bad else []
    # Of a bad script the scenarios of traffic alone take minutes: each waits until it gives up.
    selected = ["-t", "not @vivo"] if bad else []
    done = behave("-D", "postgres=embedded", *script, *selected, "-f", "informe", "-o", str(page))
    assert done.returncode == (1 if bad else 0), done.stdout
    assert violations(browser, page) == []


def test_a_rehearsal(browser: str, server: Server, tmp_path: Path) -> None:
    page = tmp_path / "rehearsal.html"
    with product(server, 300) as database:
        snapshot = dump(database, tmp_path, "custom.dump")
    done = behave("-D", "postgres=embedded", "-D", f"snapshot={snapshot}", "-f", "informe", "-o", str(page))
    assert done.returncode == 0, done.stdout
    assert violations(browser, page) == []


def test_search_and_states_are_a_link(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "every.html"
    run(tmp_path, "-f", "informe", "-o", str(page), project=PROJECT)
    links = [
        "",
        "#estado=falla",
        "#estado=falla&busca=hallazgos",
        "#busca=constr%C3%BACCIONES",
        "#01_meta_ads_columns-req-datos",
    ]
    command = ["node", "sift.mjs", browser, str(page), *links]
    done = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, timeout=300, check=True)
    every, failing, one, titled, anchor = json.loads(done.stdout)
    assert (every["said"], every["hidden"]) == ("", 0)
    assert (failing["said"], failing["hidden"]) == ("4 escenarios", 2)
    assert (one["said"], one["titles"]) == ("1 escenario", 1)
    assert (titled["said"], titled["hidden"]) == ("9 escenarios", 3)
    assert anchor == every, "a link to a place is no search"


def test_the_check_bites(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    faint = "<p style='color:#ccc;background:#fff'>some words</p>"
    page.write_text(f"<html>{faint}<h3 style='width:2000px'>x</h3><img src='data:,'></html>", encoding="utf-8")
    found = {one["id"] for one in violations(browser, page)}
    assert {"html-has-lang", "document-title", "image-alt", "color-contrast", "wider-than-the-screen"} <= found
