"""A script that did what it may not is not waited for any longer."""

import time
from pathlib import Path

import pytest

from steps.support.postgres.server import Server
from steps.support.traffic import watch
from tests.gate.candidates import defect
from tests.gate.judging import judge
from tests.running import address

pytestmark = pytest.mark.alone

QUEUEING = ("locks_when_there_is_nothing_to_do", "waits_for_ever_in_the_queue")
LONG_SECONDS = 60


@pytest.mark.parametrize("name", QUEUEING)
def test_it_ends_at_the_first_request(
    name: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "HANG_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(watch, "LOOKS", 1_000_000)
    queueing = defect(name)
    began = time.monotonic()
    verdict = judge(queueing.file(tmp_path), queueing.migration, address(server), queueing.refused_by)
    assert time.monotonic() - began < LONG_SECONDS / 2
    assert all(queueing.saying in message for message in verdict.failed.values())
    assert set(verdict.failed) == set(queueing.refused_by)
