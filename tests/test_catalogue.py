"""The gate refuses every defective script there is and passes every correct one, whatever its shape.

Each of a defect's runs is also told as the report would: it breaks the requirements its row of the table says, of those
its scenarios are about, and no others. breaks.py asks every scenario.

A defect is one file in `defects/`, a correct script one in `correct/`: nothing else to register. Each worker of
pytest's judges its share, many in one process, and a defect by the scenarios its first line names alone.
"""

from pathlib import Path

import pytest

from steps.support.postgres.server import Server
from tests.judging import CORRECT, DEFECTS, EVERYTHING, accept, also_passes, expected, judge, titles
from tests.report.breaks import against, carried, table
from tests.running import address


# The longest first: a worker that begins one of them last keeps all the others waiting.
@pytest.mark.parametrize("script", CORRECT, ids=lambda script: script.stem)
def test_a_correct_script_of_another_shape_passes(script: Path, server: Server) -> None:
    verdict = accept(script, address(server))
    assert verdict.failed == {}
    assert len(verdict.ran) > 40
    assert set(also_passes(script)) <= set(verdict.ran)


@pytest.mark.parametrize("script", DEFECTS, ids=lambda script: script.stem)
def test_a_defective_script_is_refused(script: Path, server: Server) -> None:
    wanted = expected(script)
    verdict = judge(script, address(server), wanted.scenarios, EVERYTHING)
    assert set(verdict.failed) == set(wanted.scenarios), verdict
    messages = "\n".join(verdict.failed.values())
    assert wanted.saying in messages
    assert "Traceback" not in messages
    row = table()[script.stem] & carried(verdict)
    assert against(verdict) == row, f"of what these scenarios ask, tests/defects/requirements.md says {row} is not met"


def test_the_catalogue_is_large_and_names_scenarios_there_are() -> None:
    assert len(DEFECTS) > 100
    there_are = titles()
    for script in DEFECTS:
        unknown = set(expected(script).scenarios) - there_are.keys()
        assert not unknown, f"{script.name} names {unknown}"
