"""A script that did what it may not is not waited for any longer."""

import time

import pytest

from steps.support.postgres.server import Server
from steps.support.spec import traffic
from tests.judging import DEFECTS, EVERYTHING, expected, judge
from tests.running import address

pytestmark = pytest.mark.alone

QUEUEING = ("locks_when_there_is_nothing_to_do", "waits_for_ever_in_the_queue")
LONG_SECONDS = 60


@pytest.mark.parametrize("name", QUEUEING)
def test_it_ends_at_the_first_request(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "HANG_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(traffic, "LOOKS", 1_000_000)
    defect = next(path for path in DEFECTS if path.stem == name)
    expectedd = expected(defect)
    began = time.monotonic()
    verdict = judge(defect, address(server), expectedd.scenarios, EVERYTHING)
    assert time.monotonic() - began < LONG_SECONDS / 2
    assert all(expectedd.saying in message for message in verdict.failed.values())
    assert set(verdict.failed) == set(expectedd.scenarios)
