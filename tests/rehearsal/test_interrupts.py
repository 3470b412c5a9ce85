"""Ctrl-C ends a rehearsal at once, wherever it is, and an interrupted one is never accepted."""

import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server, connect
from steps.support.waiting import wait_until
from tests.rehearsal.test_rehearsal import CANDIDATE
from tests.rehearsal.test_room import databases
from tests.running import BIN, address, servers_in, started

MOMENTS, SEED = 4, "20261124"
Dumped = Callable[[str], Path]
SLEEPS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
SLOW_CHECK = """CREATE FUNCTION public.slow(int) RETURNS bool LANGUAGE sql AS 'SELECT pg_sleep(60) IS NOT NULL';
CREATE TABLE public.slow (x int CHECK (public.slow(x)));
COPY public.slow (x) FROM stdin;
1
\\.
"""
AT_ONCE = 10.0  # seconds


def asleep(server: Server) -> bool:
    with connect(server.url) as connection:
        return bool(connection.exec_driver_sql(SLEEPS).scalar())


def interrupt(server: Server, snapshot: Path, script: Path, number: signal.Signals) -> tuple[int, str]:
    """Rehearse until something in it sleeps, end it then; its exit code, and what it said."""
    before = databases(server)
    options = (f"postgres={address(server)}", f"snapshot={snapshot}", f"migration={script}")
    process = subprocess.Popen(
        [BIN / "behave", *(part for option in options for part in ("-D", option))],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip
    wait_until(lambda: asleep(server), "the statement that sleeps", 60)
    process.send_signal(number)
    began = time.monotonic()
    said, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < AT_ONCE, said
    assert databases(server) == before
    assert not asleep(server)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("more", ["SELECT pg_sleep(60);\n", SLOW_CHECK])
def test_while_it_is_restored(
    more: str, number: signal.Signals, dumped: Dumped, tmp_path: Path, server: Server
) -> None:
    path = tmp_path / "slow.sql"
    path.write_bytes(dumped("plain.sql").read_bytes() + more.encode())
    code, said = interrupt(server, path, CANDIDATE, number)
    assert code == 1
    assert "VEREDICTO: incompleto, no alcanza para migrar: el script no llegó a ensayarse; el ensayo se inter" in said


@pytest.mark.parametrize(
    ("when", "ran"), [("LIKE", "el script no llegó a ensayarse; "), ("NOT LIKE", "")], ids=["judged", "scenario"]
)
def test_while_the_script_runs(when: str, ran: str, dumped: Dumped, tmp_path: Path, server: Server) -> None:
    script = tmp_path / "slow.sql"
    slow = f"    IF current_database() {when} '%0001' THEN PERFORM pg_sleep(60); END IF;\n    END IF;"
    script.write_text(CANDIDATE.read_text().replace("    END IF;", slow))
    code, said = interrupt(server, dumped("custom.dump"), script, signal.SIGINT)
    assert code == 1
    assert f"VEREDICTO: incompleto, no alcanza para migrar: {ran}el ensayo se interrumpió" in said


@pytest.mark.parametrize("number", range(MOMENTS // 2))
def test_at_any_moment(number: int, dumped: Dumped, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED}/rehearsal/{number}")
    runtime, log = tmp_path / "t", tmp_path / "log"
    runtime.mkdir()
    options = ("postgres=embedded", f"snapshot={dumped('custom.dump')}", f"migration={CANDIDATE}")
    lines, more = chance.randrange(8), chance.uniform(0, 0.7)
    which = chance.choice([signal.SIGINT, signal.SIGTERM])
    with started(log, *(part for one in options for part in ("-D", one)), runtime=runtime) as run:
        wait_until(lambda: log.read_bytes().count(b"\n") >= lines or run.poll() is not None, "so much output", 60)
        time.sleep(more)
        run.send_signal(which)
        code = run.wait(60)
    said = log.read_text()
    moment = f"seed {SEED}, number {number}: {which.name} after {lines} lines and {more:.3f} s\n{said}"
    assert servers_in(runtime) == [], moment
    assert list(runtime.iterdir()) == [], moment
    assert "Traceback" not in said or "USING RUNNER" not in said, moment
    verdict = re.search(r"^VEREDICTO: (\w+)", said, re.M)
    assert (verdict[1] == "se" if verdict else False) == (code == 0), moment
