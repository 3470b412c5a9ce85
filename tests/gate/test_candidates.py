"""The gate refuses every defect and accepts every correct script, whatever its shape."""

from pathlib import Path

import pytest

from steps.support.postgres.server import Server
from tests.gate.candidates import WAITS, Candidate, correct, defects
from tests.gate.judging import judge, named

DEFECTS = defects()


# The longest first: a worker that begins one of them last keeps all the others waiting.
@pytest.mark.parametrize("candidate", correct(), ids=lambda one: f"{one.migration}-{one.name}")
def test_a_correct_script_of_another_shape_passes(candidate: Candidate, server: Server, tmp_path: Path) -> None:
    """By every scenario that refuses a defect; only one waits for the lock as ours does, which is not required."""
    there_are = named(candidate.migration)
    refusing = {title for one in DEFECTS if one.migration == candidate.migration for title in one.refused_by}
    asked = [title for title in refusing if candidate.name == WAITS or "espera" not in there_are[title].filename]
    verdict = judge(candidate.file(tmp_path), candidate.migration, server, sorted(asked))
    assert verdict.failed == {}
    assert len(verdict.ran) >= 20


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.name)
def test_a_defect_is_refused(defect: Candidate, server: Server, tmp_path: Path) -> None:
    verdict = judge(defect.file(tmp_path), defect.migration, server, defect.refused_by)
    assert set(verdict.failed) == set(defect.refused_by), verdict
    assert any(first.startswith(defect.saying) for first in verdict.found), verdict.found
    assert not any("Traceback" in message for message in verdict.failed.values())


def test_no_defect_goes_missing() -> None:
    assert len({one.name for one in DEFECTS}) == len(DEFECTS) > 126
