"""axe-core finds nothing in the report in Chromium, all unfolded. Run by `make axe`: it needs npm and a browser."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.report.page import page
from steps.support.report.run import State
from tests.report.runs import rehearsed, run, scenario
from tests.report.test_page import SHORT, bad

AXE = "axe-core@4.14.1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RUN = """<script>%s</script><script>
document.querySelectorAll("details").forEach((one) => { one.open = true; });
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => {
  const found = violations.map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 200)}`);
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the screen");
  document.title = JSON.stringify(found);
});
</script>"""
PAGES = {
    "bad": page(bad()),
    "passed": page(run(replace(scenario(), latency=SHORT), scenario(state=State.SKIPPED))),
    "part": page(run(scenario(), beside=[scenario()])),
    "no server": page(run(scenario(state=State.NOT_RUN), problem="no engine")),
    "rehearsal": page(rehearsed("refused", "no se puede migrar")),
}


@pytest.fixture(scope="session")
def axe() -> str:
    folder = ROOT / "build" / "axe"
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
    subprocess.run(command, check=True, timeout=300)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(axe: str, text: str, folder: Path, width: int, scheme: int) -> list[str]:
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    file = folder / "page.html"
    file.write_text(text.replace("</body>", RUN.replace("%s", axe) + "</body>"), encoding="utf-8")
    shown = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--dump-dom",
         f"--blink-settings=preferredColorScheme={scheme}", "--virtual-time-budget=30000", f"file://{file}"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", shown.stdout, re.S)
    found: list[str] = json.loads(unescape(title[1] if title else ""))
    return found


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, 1), (1280, 0), (390, 1), (390, 0)])
def test_the_report(axe: str, name: str, width: int, scheme: int, tmp_path: Path) -> None:
    assert violations(axe, PAGES[name], tmp_path, width, scheme) == []


def test_the_check_bites(axe: str, tmp_path: Path) -> None:
    faint = "<html><body><p style='color:#ccc;background:#fff;width:3000px'>words</p><img src='data:,'></body></html>"
    found = {one.partition(":")[0] for one in violations(axe, faint, tmp_path, 1280, 1)}
    assert {"html-has-lang", "image-alt", "color-contrast", "wider than the screen"} <= found
