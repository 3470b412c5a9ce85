"""SIGINT, SIGTERM and SIGHUP each end a run and leave nothing of it: no process, no file, no database."""

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from docker import from_env

from steps.support import interrupts
from steps.support.options import ROOT
from steps.support.postgres import docker
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.waiting import wait_until
from tests.running import HANG_SECONDS, address, databases, servers_in, started

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("moment", ["", "Seeding", "✓"], ids=["as the server starts", "as it is filled", "later"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_leaves_nothing(number: signal.Signals, moment: str, runtime: Path) -> None:
    log = runtime / "log"
    with started(log, "-D", "postgres=embedded", "-D", "patients=20000", runtime=runtime) as run:
        if moment:
            wait_until(lambda: moment in log.read_text(), f"{moment!r} in the run")
        else:
            wait_until(lambda: any(runtime.glob("acceptance-pg-*")), "the server's folder")
        run.send_signal(number)
        assert run.wait(HANG_SECONDS) == 1
    assert servers_in(runtime) == []
    assert list(runtime.glob("acceptance-*")) == []
    said = log.read_text()
    assert re.search(r"^Interrupted\.$", said, re.M)
    assert "Traceback" not in said
    assert "✗" not in said, "an interruption says nothing of the migration"


def test_ctrl_c_while_all_is_imported_is_quiet() -> None:
    interrupted = [sys.executable, "-c", "import steps.support; raise KeyboardInterrupt"]
    done = subprocess.run(interrupted, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_a_signal_leaves_no_database_on_a_running_server(server: Server, tmp_path: Path) -> None:
    before = databases(server)
    log = tmp_path / "log"
    with started(log, "-D", f"postgres={address(server)}", runtime=tmp_path) as run:
        wait_until(lambda: "✓" in log.read_text(), "a scenario of the run that passed")
        run.send_signal(signal.SIGTERM)
        assert run.wait(HANG_SECONDS) == 1
    assert databases(server) == before


@pytest.mark.skipif(bool(docker.problem()), reason=docker.problem())
def test_a_signal_leaves_no_container(runtime: Path) -> None:
    mark = f"test{secrets.token_hex(4)}"  # begins the names of this run's containers; others' run beside them
    patch = f"import secrets\nhex = secrets.token_hex\nsecrets.token_hex = lambda size: {mark!r} + hex(size)\n"
    (runtime / "sitecustomize.py").write_text(patch, encoding="utf-8")
    log = runtime / "log"
    with started(log, "-D", "postgres=docker", runtime=runtime, PYTHONPATH=str(runtime)) as run:
        wait_until(lambda: "✓" in log.read_text(), "a scenario of the run that passed")
        assert containers(mark) == 1
        run.send_signal(signal.SIGTERM)
        assert run.wait(HANG_SECONDS) == 1
    assert containers(mark) == 0


def containers(mark: str) -> int:
    """How many there are, running or not, of a name that begins so."""
    with closing(from_env()) as client:
        return len(client.containers.list(all=True, filters={"name": f"acceptance-{mark}"}))


def test_a_signal_ends_a_query(database: Database) -> None:
    came: list[bool] = []
    began = time.monotonic()

    def kill() -> None:
        wait_until(lambda: asleep(database), "the query")
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=kill).start()
    with pytest.raises(KeyboardInterrupt), interrupts.raised(lambda: came.append(True)):
        database.connect().exec_driver_sql(f"SELECT pg_sleep({HANG_SECONDS})")
    assert came
    assert time.monotonic() - began < HANG_SECONDS
    wait_until(lambda: not asleep(database), "the end of the query on the server")


def asleep(database: Database) -> bool:
    with database.connect() as connection:
        found = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        return bool(connection.exec_driver_sql(found).all())
