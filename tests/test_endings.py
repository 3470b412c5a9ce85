"""What was to be kept of a run is kept, and can be opened and removed by the commands that are printed."""

import re
import subprocess
from pathlib import Path

import pytest

from steps.support.postgres import docker
from steps.support.postgres.server import Server
from tests.gate.candidates import defect
from tests.running import HANG_SECONDS, address, behave, databases, servers_in


def test_a_failed_scenarios_database_is_kept_and_can_be_opened(server: Server, tmp_path: Path) -> None:
    before = databases(server)
    script = defect("meta_ad_id_not_null").file(tmp_path)
    run = behave(
        "-D", f"postgres={address(server)}", "-D", "keep=failed", "-D", f"migration={script}", "-D", "patients=17",
        "features/1_atribucion.feature", "features/2_columnas.feature",
    )  # fmt: skip
    assert run.returncode == 1
    opening = re.search(r"Kept for .*?: (/.*|psql .*)", run.stdout)
    removing = re.search(r"Remove with: (.*)", run.stdout)
    assert opening, run.stdout
    assert removing, run.stdout
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


@pytest.mark.skipif(bool(docker.problem()), reason=docker.problem())
def test_a_kept_container_opens_without_a_password() -> None:
    run = behave("-D", "postgres=docker", "-D", "keep=always", "-D", "patients=17", "features/1_atribucion.feature")
    opening = re.search(r"Kept for .*?: (docker .*)", run.stdout)
    removing = re.search(r"Remove with: (.*)", run.stdout)
    assert opening, run.stdout
    assert removing, run.stdout
    shown = _shell(f"echo 'SELECT count(*) FROM patients' | {opening[1].replace(' --tty', '')}")
    assert shown.stdout.split()[2] == "17", shown.stderr
    assert _shell(removing[1]).returncode == 0


def _shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
