"""The report in Chromium: axe-core finds nothing, all unfolded; the search finds. `make axe`: it needs npm."""

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
from tests.report.runs import BESIDES, LOST, rehearsed, run, scenario
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
SEARCH = """<script>
form.busca.value = "%s";
form.estado.value = "%s";
form.dispatchEvent(new Event("input"));
const seen = all(".scenario > summary").filter((one) => one.checkVisibility());
document.title = JSON.stringify(seen.map((one) => one.innerText));
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


def seen(text: str, script: str, folder: Path, width: int = 1280, scheme: int = 1) -> list[str]:
    """What the script leaves as the title of the page."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    file = folder / "page.html"
    file.write_text(text.replace("</body>", script + "</body>"), encoding="utf-8")
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
    assert seen(PAGES[name], RUN.replace("%s", axe), tmp_path, width, scheme) == []


def test_the_check_bites(axe: str, tmp_path: Path) -> None:
    faint = "<html><body><p style='color:#ccc;background:#fff;width:3000px'>words</p><img src='data:,'></body></html>"
    found = {one.partition(":")[0] for one in seen(faint, RUN.replace("%s", axe), tmp_path)}
    assert {"html-has-lang", "image-alt", "color-contrast", "wider than the screen"} <= found


@pytest.mark.parametrize(
    ("words", "state", "titles"),
    [("ningun  DATO", "", ["Ningún dato cambia"]), ("", "bad", ["Otro"]), ("dato otra", "", [])],
)
def test_the_search_opens_what_it_finds(words: str, state: str, titles: list[str], tmp_path: Path) -> None:
    folded, bad = replace(scenario(), title="Ningún dato cambia"), replace(scenario(LOST, file=BESIDES), title="Otro")
    assert seen(page(run(folded, bad)), SEARCH % (words, state), tmp_path) == titles
