"""Which requirements each defect breaks, and no others: all of the catalogue, every scenario required of a script.

About half an hour on two cores, so that it is asked for: `pytest tests/report/breaks.py`. test_breaks.py asks a few.
The table is tests/defects/requirements.md; `python -m tests.report.breaks` prints what it should be.
"""

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import chdir
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres import embedded
from steps.support.postgres.server import Server
from steps.support.product import PRODUCT
from steps.support.report.causes import causes
from steps.support.report.from_behave import Reader
from steps.support.report.model import About, Run
from steps.support.report.requirements import proofs
from steps.support.report.status import State
from tests.judging import DEFECTS, EVERYTHING, REQUIRED, Verdict, about, expected, judge
from tests.running import address

TABLE = ROOT / "tests" / "defects" / "requirements.md"
WORKERS = 3


def table() -> dict[str, set[str]]:
    """The requirements each defect breaks, as written."""
    below = TABLE.read_text(encoding="utf-8").partition("|---|---|\n")[2]
    rows = re.findall(r"^\| (\w+) \| ([\w ,—]+) \|$", below, re.M)
    return {name: set(said.replace("—", "").replace(",", " ").split()) for name, said in rows}


def against(*verdicts: Verdict) -> set[str]:
    """The requirements that what ran says are not met, by the report's own rule."""
    with chdir(ROOT):
        reader = Reader(lambda one: not one.status.is_untested(), subjects=PRODUCT.subjects)
        read = [reader.chapter(feature) for verdict in verdicts for feature in verdict.features]
    run = Run(read, About(subjects=PRODUCT.subjects), datetime.now(UTC), 0.0)
    return {one.requirement.tag.removeprefix("req-") for one in proofs(run, causes(run)) if one.state is State.FAILED}


def carried(verdict: Verdict) -> set[str]:
    """The requirements that the scenarios which failed are about."""
    there = [one for feature in verdict.features for one in feature.walk_scenarios() if one.name in verdict.failed]
    return {str(tag).removeprefix("req-") for one in there for tag in one.effective_tags}


def broken(script: Path, server: str) -> set[str]:
    """The requirements a script breaks, by the scenarios required of any and by those that name it."""
    required = judge(script, server, about(script), REQUIRED)
    return against(required, judge(script, server, expected(script).scenarios, EVERYTHING))


@pytest.mark.parametrize("script", DEFECTS, ids=lambda script: script.stem)
def test_a_defect_breaks_these_requirements_and_no_others(script: Path, server: Server) -> None:
    assert broken(script, address(server)) == table()[script.stem]


if __name__ == "__main__":
    server = embedded.start()
    tags_of_all = [one.tag.removeprefix("req-") for subject in PRODUCT.subjects for one in subject.requirements]
    names = list(dict.fromkeys(tags_of_all))
    try:
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as workers:
            found = workers.map(broken, DEFECTS, [address(server)] * len(DEFECTS))
            for script, tags in zip(DEFECTS, found, strict=True):
                print(f"| {script.stem} | {', '.join(name for name in names if name in tags) or '—'} |")
                sys.stdout.flush()
    finally:
        server.stop()
