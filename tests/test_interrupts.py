"""Whenever an interruption comes, a run ends by it: exit code 1, one word that says so, and nothing left behind.

Moments are drawn at random: so many lines into the output, and so long after. INTERRUPTS=SEED draws others, and a
failure is drawn again by its seed and number.
"""

import logging
import os
import random
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from steps.support import interrupts
from steps.support.waiting import wait_until
from tests.running import servers_in, started

SEED = os.environ.get("INTERRUPTS", "20261124")
MOMENTS = int(os.environ.get("MOMENTS", "16"))  # `make interrupts` takes fifty
DEADLINE = 30
LINES = 12  # of the output of the run below
# A bit of everything a run does: seeds by COPY, psql, Alembic, writers, many at once.
TITLES = (
    "Ejecución de migración", "Alembic adopta", "las clínicas anotan durante", "varias personas migran",
    "no bloquea ninguna otra",
)  # fmt: skip
STARTED = "USING RUNNER"


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_run_ends_by_it(number: int, runtime: Path) -> None:
    chance = random.Random(f"{SEED}/{number}")
    lines, more = chance.randrange(LINES), chance.uniform(0, 0.7)
    which = chance.choice([signal.SIGINT, signal.SIGTERM])
    log = runtime / "log"
    names = [part for title in TITLES for part in ("-n", title)]
    with started(log, "-D", "postgres=embedded", "-D", "patients=4000", *names, runtime=runtime) as run:
        wait_until(lambda: log.read_bytes().count(b"\n") >= lines or run.poll() is not None, "so much output")
        time.sleep(more)
        run.send_signal(which)
        code = run.wait(DEADLINE)
    said = log.read_text()
    moment = f"seed {SEED}, number {number}: {which.name} after {lines} lines and {more:.3f} s\n{said}"
    assert servers_in(runtime) == [], moment
    assert [file.name for file in runtime.iterdir() if file != log] == [], moment
    if code == 0:
        assert re.search(r"^\d+ scenarios: \d+ passed\.", said, re.M), moment
    elif STARTED in said:
        assert code == 1, moment
        assert "Interrupted." in said, moment
        assert "Traceback" not in said, moment
    else:  # it came while Python or behave was starting: none of this project's code ran, and nothing was begun
        assert code in (1, -which), moment


class Finalized:
    """Interrupts the run as it goes: what is raised in a finalizer goes no further."""

    def __del__(self) -> None:
        """Send the signal."""
        os.kill(os.getpid(), signal.SIGINT)


def test_one_that_is_swallowed_is_not_printed_but_raised_again(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "HEAR_SECONDS", 0.2)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
    hooks = sys.excepthook, sys.unraisablehook
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupts.Interrupts():  # noqa: PT012
        Finalized()
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)  # as PyErr_Print does, which psycopg2 calls
        time.sleep(30)
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", "")
    assert hooks == (sys.excepthook, sys.unraisablehook)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), ValueError()])
def test_nor_is_one_that_a_library_logs(raised: BaseException) -> None:
    written = logging.LogRecord("sqlalchemy.pool", logging.ERROR, "", 0, "closing", (), (type(raised), raised, None))
    assert logging.lastResort
    with interrupts.Interrupts():
        assert bool(logging.lastResort.filter(written)) == isinstance(raised, Exception)
    assert logging.lastResort.filter(written)


def test_it_waits_for_logging_to_give_its_lock_back() -> None:
    """Interrupted with the lock taken, every other thread that logs would wait for it for ever."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupting = compile(
        "taken.append(1)\nos.kill(os.getpid(), signal.SIGINT)\ntaken.clear()", logging.__file__, "exec"
    )
    taken: list[int] = []
    with pytest.raises(KeyboardInterrupt), interrupts.Interrupts():  # noqa: PT012
        exec(interrupting, {"os": os, "signal": signal, "taken": taken})
        assert taken == []
        time.sleep(30)
    assert taken == []
    signal.signal(signal.SIGINT, before)
