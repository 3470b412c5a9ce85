"""However a run ends, nothing of it is left; what was to be kept is, and can be opened and removed."""

import re
import secrets
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from docker import from_env

from steps.support.postgres import engine
from steps.support.postgres.server import Server
from steps.support.waiting import wait_until
from tests.gate.candidates import defect
from tests.running import address, behave, databases, servers_in, started

DEADLINE = 60
with_docker = pytest.mark.skipif(not engine.answers(), reason="no Docker engine answers")


def containers(prefix: str) -> list[str]:
    """The names of containers, running or not, that begin so."""
    client: Any = from_env()
    try:
        return [one.name for one in client.containers.list(all=True) if one.name.startswith(prefix)]
    finally:
        client.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["Postgres 1", "✓"])
def test_a_signal_in_mid_run_leaves_nothing(number: signal.Signals, moment: str, runtime: Path) -> None:
    log = runtime / "log"
    with started(log, "-D", "postgres=embedded", runtime=runtime) as run:
        wait_until(lambda: moment in log.read_text(), f"{moment!r} in the run")
        assert servers_in(runtime)
        run.send_signal(number)
        assert run.wait(DEADLINE) == 1
    assert servers_in(runtime) == []
    assert list(runtime.glob("acceptance-*")) == []
    assert "Traceback" not in log.read_text()


def test_a_signal_leaves_no_database_on_a_running_server(server: Server, tmp_path: Path) -> None:
    before = databases(server)
    log = tmp_path / "log"
    with started(log, "-D", f"postgres={address(server)}", runtime=tmp_path) as run:
        wait_until(lambda: "✓" in log.read_text(), "a scenario of the run that passed")
        run.send_signal(signal.SIGTERM)
        assert run.wait(DEADLINE) == 1
    assert databases(server) == before


@with_docker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_container(number: signal.Signals, runtime: Path) -> None:
    mark = f"test{secrets.token_hex(4)}"  # begins the names of this run's containers; others' run beside them
    patch = f"import secrets\nhex = secrets.token_hex\nsecrets.token_hex = lambda size: {mark!r} + hex(size)\n"
    (runtime / "sitecustomize.py").write_text(patch, encoding="utf-8")
    log = runtime / "log"
    with started(log, "-D", "postgres=docker", runtime=runtime, PYTHONPATH=str(runtime)) as run:
        wait_until(lambda: "✓" in log.read_text(), "a scenario of the run that passed")
        assert len(containers(f"acceptance-{mark}")) == 1
        run.send_signal(number)
        assert run.wait(DEADLINE) == 1
    assert containers(f"acceptance-{mark}") == []


def test_a_failed_scenarios_database_is_kept_and_can_be_opened(server: Server, tmp_path: Path) -> None:
    before = databases(server)
    script = defect("meta_ad_id_not_null").file(tmp_path)
    run = behave(
        "-D", f"postgres={address(server)}", "-D", "keep=failed", "-D", f"migration={script}", "-D", "patients=17",
        "-n", "La columna meta_ad_id queda",
    )  # fmt: skip
    assert run.returncode == 1
    opening = re.search(r"Kept for .*?: (/.*|psql .*)", run.stdout)
    removing = re.search(r"Remove with: (.*)", run.stdout)
    assert opening, run.stdout
    assert removing, run.stdout
    kept = set(databases(server)) - set(before)
    assert len(kept) == 1
    shown = _shell(opening[1] + " -Atc 'SELECT count(*) FROM patients'")
    assert shown.stdout.strip() == "17", shown.stderr
    assert _shell(removing[1]).returncode == 0
    assert databases(server) == before


def test_a_kept_embedded_server_stays_until_its_removal(runtime: Path) -> None:
    run = behave(
        "-D", "postgres=embedded", "-D", "keep=always", "-n", "Persistencia de modelo actualizado",
        "-n", "Un paciente nuevo sin origen es ORGANIC", TMPDIR=str(runtime),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    opening = re.search(r"Kept for .*?: (/.*|psql .*)", run.stdout)
    removing = re.search(r"Remove with: (.*)", run.stdout)
    assert opening, run.stdout
    assert removing, run.stdout
    assert _shell(opening[1] + " -Atc 'SELECT 1'").stdout.strip() == "1"
    assert len(set(re.findall(r"Kept for .*@/(\w+)\?", run.stdout))) == 2, "each scenario has a database of its own"
    assert servers_in(runtime)
    assert _shell(removing[1]).returncode == 0
    assert servers_in(runtime) == []
    assert list(runtime.glob("acceptance-*")) == []


def _shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=DEADLINE, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_rows_are_copied_is_no_error_of_the_servers(number: signal.Signals, runtime: Path) -> None:
    log = runtime / "log"
    with started(log, "-D", "postgres=embedded", "-D", "patients=3000000", runtime=runtime) as run:
        wait_until(lambda: "Seeding patients" in log.read_text(), "the rows under way")
        run.send_signal(number)
        assert run.wait(DEADLINE) == 1
    said = log.read_text()
    assert "Interrupted." in said
    assert "COPY" not in said
    assert "already exists" not in said
    assert servers_in(runtime) == []
