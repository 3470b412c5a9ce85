"""A disk that is too small is said before, or in one line, and leaves nothing behind."""

import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docker import from_env
from sqlalchemy.exc import OperationalError

from steps.support import selection
from steps.support.errors import SnapshotError
from steps.support.options import Options
from steps.support.postgres import docker, embedded, engine
from steps.support.postgres import pool as pool_of_databases
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server, connect, ignored
from steps.support.product import PRODUCT
from steps.support.rehearsal import out_of_room as room
from steps.support.rehearsal.snapshot import Snapshot
from steps.support.suite import Suite
from tests.running import address, behave

GIGABYTE = 10**9
SMALL_DUMP = (
    "-- Dumped from database version 13\nCREATE TABLE public.patients (id int);\nINSERT INTO patients VALUES (1);\n"
)
with_docker = pytest.mark.skipif(not engine.answers(), reason="no Docker engine answers")


def test_before_an_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3 << 30))
    with pytest.raises(SnapshotError, match=r"needs about 42.1 GB, and .* has 3.2 GB"):
        embedded.start(room=40 * GIGABYTE)


def test_a_copy_needs_so_many_times_its_size() -> None:
    """As docs/qa.md says; what the server itself takes is added where it is started."""
    assert Snapshot(Path("clinics.dump"), 10**9, 13, frozenset()).room == 6_300_000_000


@with_docker
def test_before_a_container_is_filled(ours: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def free(_container: Any, *, in_memory: bool) -> int:
        asked.append(in_memory)
        return 3 * GIGABYTE

    monkeypatch.setattr(docker, "_free", free)
    with pytest.raises(SnapshotError, match=r"needs about 42.1 GB, and the Docker engine has 3.0 GB"):
        docker.start("postgres:18", room=40 * GIGABYTE)
    assert asked == [True, False], "what memory has no room for, the disk may"
    assert containers(ours) == []


@with_docker
def test_a_container_says_what_is_free(ours: str) -> None:
    server, free = docker._start("postgres:18", ignored, in_memory=True)
    assert len(containers(ours)) == 1
    server.stop()
    assert free
    assert free > GIGABYTE / 10
    assert containers(ours) == []


def test_an_image_without_the_means_to_tell_is_taken_as_it_is() -> None:
    done = type("Done", (), {"exit_code": 127, "output": b"sh: df: not found"})
    container: Any = type("Container", (), {"exec": lambda _self, _command: done})()
    assert docker._free(container, in_memory=True) is None


def test_a_disk_that_is_full_while_restoring_is_one_line(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "clinics.sql"
    path.write_text(SMALL_DUMP + "DO $$ BEGIN RAISE disk_full; END $$;\n")
    before = databases(server)
    done = behave("-D", f"postgres={address(server)}", "-D", f"snapshot={path}")
    assert done.returncode == 1
    last = done.stdout.strip().splitlines()[-1]
    assert last == "The server has no disk left to restore the snapshot. Make room there, or use another: -D postgres=…"
    assert "Traceback" not in done.stdout + done.stderr
    assert databases(server) == before


def test_a_server_that_went_away_is_one_line(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "clinics.sql"
    path.write_text(SMALL_DUMP + "SELECT pg_terminate_backend(pg_backend_pid());\n")
    before = databases(server)
    done = behave("-D", f"postgres={address(server)}", "-D", f"snapshot={path}")
    assert done.returncode == 1
    assert "The server went away when it had to restore the snapshot; a full disk does that." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert databases(server) == before


def test_a_server_that_stays_away_is_told_with_what_it_keeps(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_of_databases, "RECOVERY_SECONDS", 0.5)
    away = replace(server, throwaway=False)
    monkeypatch.setattr(Suite, "_begin", lambda _self: (away, ""))
    suite = Suite(Options(), PRODUCT)
    made = suite.fresh()
    with monkeypatch.context() as gone:
        gone.setattr(Pool, "drop", refused)
        suite.close()
    assert suite.closing_lines() == [
        f"Left behind, as the server no longer answers. When it does: DROP DATABASE {made.name}"
    ]
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {made.name}")


def test_room_for_a_copy_is_tried_before_any_scenario(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clinics.sql"
    path.write_text(SMALL_DUMP)
    suite = Suite(Options(postgres=server.url, snapshot=path), PRODUCT)
    cloned: list[str] = []
    monkeypatch.setattr(Pool, "clone", lambda _self, source, name: full(cloned, source, name))
    with pytest.raises(SnapshotError, match="no disk left to copy the database for a scenario"):
        selection.judge(suite)
    assert cloned == ["0001"]
    suite.close()


def full(cloned: list[str], source: Database, name: str) -> Database:
    cloned.append(name)
    with source.connect() as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE disk_full; END $$")
    return source


def refused(*_: object) -> Any:
    raise OperationalError("CONNECT", {}, Exception("connection refused"))


def test_other_errors_are_not_about_room(server: Server) -> None:
    with pytest.raises(Exception, match="division by zero"), room.room("to divide"), connect(server.url) as connection:
        connection.exec_driver_sql("SELECT 1 / 0")


def test_a_database_that_never_came_to_be_is_no_obstacle_to_dropping_the_others(server: Server) -> None:
    before = databases(server)
    pool = Pool(server)
    pool.create("there")
    with pytest.raises(Exception, match="already exists"):
        pool.create("there")
    pool._made["meta_ads_interrupted"] = Database(server.url.set(database="meta_ads_interrupted"))
    assert pool.drop_all(but=set()) == []
    assert databases(server) == before


def databases(server: Server) -> set[str]:
    with connect(server.url) as connection:
        return set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> str:
    """What the names of this test's containers begin with; others' run beside them."""
    mark = f"test-{secrets.token_hex(4)}-"
    token = secrets.token_hex
    monkeypatch.setattr(secrets, "token_hex", lambda size: mark + token(size))
    return f"acceptance-{mark}"


def containers(prefix: str) -> list[str]:
    client: Any = from_env()
    try:
        return [one.name for one in client.containers.list(all=True) if one.name.startswith(prefix)]
    finally:
        client.close()
