"""What cannot be rehearsed is refused in one line, before any scenario."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from steps.support.problems import SnapshotError
from steps.support.rehearsal import snapshot
from steps.support.rehearsal.snapshot import look_at
from steps.support.servers import embedded
from steps.support.servers.server import Server
from tests.running import behave

TABLE = "-- Dumped from database version {version}\nSET x = 1;\nCREATE TABLE public.{name} (\n    id int\n);\n"
ROWS = "COPY public.patients (id) FROM stdin;\n{rows}\\.\n"


def refusal(path: Path) -> str:
    done = behave("-D", "postgres=embedded", "-D", f"snapshot={path}")
    assert done.returncode == 1
    assert "Scenario" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("USING", "Rehearsal:", "Postgres 18"))]
    assert len(lines) == 1, done.stdout
    return lines[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "is no dump of Postgres"),
        (b"id,name\n1,Ana\n", "is no dump of Postgres"),
        (b"", "is no dump of Postgres"),
        (b"PGDMP\x01\x10", "cannot be read"),
        (b"\x1f\x8b\x08broken", "is no dump of Postgres"),
        (TABLE.format(version=15, name="people").encode(), "has no table patients"),
        (
            (TABLE.format(version=99, name="patients") + ROWS.format(rows="1\n")).encode(),
            "is of Postgres 99, newer than",
        ),
        ((TABLE.format(version=15, name="patients") + ROWS.format(rows="")).encode(), "has no rows in patients"),
        (TABLE.format(version=15, name="patients").replace("public.", "clinic.").encode(), "in schema clinic"),
        (TABLE.format(version=15, name="patients").encode(), "leaves patients without rows"),
    ],
)
def test_a_file_that_cannot_be_rehearsed(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert said in refusal(path)


def test_a_folder_that_is_no_dump(tmp_path: Path) -> None:
    assert "no dump" in refusal(tmp_path)


def test_a_dump_cut_short_is_no_dump(dumped: Callable[[str], Path], tmp_path: Path) -> None:
    path = tmp_path / "half.dump"
    whole = dumped("custom.dump").read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(SnapshotError):
        look_at(path)


def test_a_full_disk_is_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3 << 30))
    with pytest.raises(SnapshotError, match=r"needs about 42.9 GB, and .* has 3.2 GB"):
        embedded.start(room=40 * 1024**3 - (2 << 30) + 0)


def test_the_source_is_never_the_server_of_the_rehearsal(server: Server) -> None:
    with pytest.raises(SnapshotError, match=r"no table public\.patients"):
        look_at(server.url)
    same = snapshot.Snapshot(server.url, 1, server.major, identifier=identifier(server))
    with pytest.raises(SnapshotError, match="is on the server of the rehearsal"):
        same.expect_fits(server)


def identifier(server: Server) -> int:
    from steps.support.servers.server import connect

    with connect(server.url) as connection:
        return int(connection.exec_driver_sql("SELECT system_identifier FROM pg_control_system()").scalar_one())
