"""The gate refuses every defective script there is and passes every correct one, whatever its shape.

A defect is one file in `defects/`, a correct script one in `correct/`: nothing else to register. They are judged
three at a time (a good part of it is waiting), each process judging many, and a defect by the scenarios its first
line names alone.
"""

import multiprocessing
import re
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from steps.support.harness.servers.server import Server
from tests.judging import CORRECT, DEFECTS, EVERYTHING, Verdict, accept, also_passes, expected, judge, titles
from tests.running import address

WORKERS = 3
DEADLINE = 300
LONG_WAIT = re.compile(r"pg_sleep\([1-9]")

Judgements = dict[Path, Future[Verdict]]


@pytest.fixture(scope="module")
def judgements(server: Server, request: pytest.FixtureRequest) -> Iterator[Judgements]:
    """What becomes of each script selected, judged in the background: defects before all, the slowest first."""
    items: list[Any] = request.session.items
    wanted = [item.callspec.params["script"] for item in items if "judgements" in item.fixturenames]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn) as workers:
        started: Judgements = {}
        for script in sorted(wanted, key=lambda path: (path in CORRECT, not LONG_WAIT.search(path.read_text()))):
            if script in DEFECTS:
                started[script] = workers.submit(judge, script, address(server), expected(script).scenarios, EVERYTHING)
            else:
                started[script] = workers.submit(accept, script, address(server))
        yield started
        workers.shutdown(cancel_futures=True)


@pytest.mark.parametrize("script", DEFECTS, ids=lambda script: script.stem)
def test_a_defective_script_is_refused(script: Path, judgements: Judgements) -> None:
    verdict = judgements[script].result(DEADLINE)
    wanted = expected(script)
    assert set(verdict.failed) == set(wanted.scenarios), verdict
    messages = "\n".join(verdict.failed.values())
    assert wanted.saying in messages
    assert "Traceback" not in messages


@pytest.mark.parametrize("script", CORRECT, ids=lambda script: script.stem)
def test_a_correct_script_of_another_shape_passes(script: Path, judgements: Judgements) -> None:
    verdict = judgements[script].result(DEADLINE)
    assert verdict.failed == {}
    assert len(verdict.ran) > 40
    assert set(also_passes(script)) <= set(verdict.ran)


def test_the_catalogue_is_large_and_names_scenarios_there_are() -> None:
    assert len(DEFECTS) >= 60
    there_are = titles()
    for script in DEFECTS:
        unknown = set(expected(script).scenarios) - there_are.keys()
        assert not unknown, f"{script.name} names {unknown}"
