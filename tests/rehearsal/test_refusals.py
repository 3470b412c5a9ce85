"""What cannot be rehearsed is refused in one line, before any scenario."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from steps.support.errors import SnapshotError
from steps.support.postgres import embedded
from steps.support.postgres.server import Server
from steps.support.product import PRODUCT
from steps.support.rehearsal import archives, snapshot
from steps.support.rehearsal.snapshot import look_at
from tests.rehearsal.snapshots import FORMATS
from tests.running import behave

TABLE = "-- Dumped from database version {version}\nSET x = 1;\nCREATE TABLE public.{name} (\n    id int\n);\n"
Dumped = Callable[[str], Path]
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
        ((TABLE.format(version=15, name="patients") + ROWS.format(rows="")).encode(), "leaves patients without rows"),
        (TABLE.format(version=15, name="patients").replace("public.", "clinic.").encode(), "has clinic.patients alone"),
        (TABLE.format(version=15, name="patients").encode(), "leaves patients without rows"),
        (
            b"CREATE TABLE public.patients (tenant_id json);\nINSERT INTO public.patients VALUES ('1');\n",
            "cannot be read once restored (42883 undefined_function)",
        ),
        (
            (TABLE.format(version=15, name="patients") + ROWS.format(rows="1\n")[:-3]).encode(),
            "it ends inside rows or a statement",
        ),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQ", "encrypted (OpenPGP), and only gzip and zstd are opened here"),
        (b"Salted__12345678", "is encrypted (OpenSSL)"),
        (b"age-encryption.org/v1\n", "is encrypted (age)"),
        (b"PK\x03\x04clinics.sql", "is a zip file"),
        (b"\xfd7zXZ\x00", "is compressed with xz"),
    ],
)
def test_a_file_that_cannot_be_rehearsed(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert said in refusal(path)


def test_a_folder_that_is_no_dump(tmp_path: Path) -> None:
    assert "is a folder without toc.dat" in refusal(tmp_path)


def test_a_pipe_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is no file, and it is read more than once" in refusal(tmp_path / "pipe")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "directory"])
def test_a_dump_cut_short_is_no_dump(name: str, share: float, dumped: Dumped, tmp_path: Path) -> None:
    path = tmp_path / name
    whole = dumped(name).read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SnapshotError, match=r"cut short|cannot be read|is no dump") as raised:
        look_at(path, PRODUCT)
    assert "\n" not in str(raised.value)


def test_a_dump_cut_between_two_statements_is_no_dump(dumped: Dumped, tmp_path: Path) -> None:
    path = tmp_path / "half.sql"
    text = dumped("plain.sql").read_bytes()
    path.write_bytes(text[: text.index(b"ALTER TABLE ONLY")])
    assert "is cut short: pg_dump's last line is not there. Copy or dump it again, whole." in refusal(path)


def test_a_folder_with_a_file_missing(dumped: Dumped, tmp_path: Path) -> None:
    path = shutil.copytree(dumped("directory"), tmp_path / "directory")
    max(path.glob("*.dat.gz"), key=lambda file: file.stat().st_size).unlink()
    assert "cannot be read" in refusal(path)


@pytest.fixture
def only_the_wheels_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are built with neither lz4 nor zstd."""
    own = embedded.clients("pg_restore")[:1]
    monkeypatch.setattr(archives, "clients", lambda _program: own)


@pytest.mark.parametrize(
    ("kind", "number", "name"), [("custom.dump", 2, "lz4"), ("custom.dump", 3, "zstd"), ("directory", 3, "zstd")]
)
@pytest.mark.usefixtures("only_the_wheels_clients")
def test_compression_inside_that_no_client_here_knows(
    kind: str, number: int, name: str, dumped: Dumped, tmp_path: Path
) -> None:
    whole = dumped(kind)
    path = tmp_path / kind
    shutil.copytree(whole, path) if whole.is_dir() else shutil.copy(whole, path)
    header = path / "toc.dat" if whole.is_dir() else path
    content = bytearray(header.read_bytes())
    content[11] = number  # after the magic, the version and the sizes: the algorithm
    header.write_bytes(content)
    with pytest.raises(SnapshotError, match=rf"compressed inside with {name}, which no pg_restore .* pg_dump --compr"):
        look_at(path, PRODUCT)


def test_without_pg_restore(dumped: Dumped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "clients", lambda _program: [])
    with pytest.raises(SnapshotError, match=r"needs pg_restore, and there is none. Install the Postgres client"):
        look_at(dumped("custom.dump"), PRODUCT)
    assert look_at(dumped("plain.sql"), PRODUCT).size


def test_a_pg_restore_that_can_is_looked_for(dumped: Dumped, monkeypatch: pytest.MonkeyPatch) -> None:
    able = embedded.clients("pg_restore")[0]
    monkeypatch.setattr(archives, "clients", lambda _program: ["/bin/false", able])
    assert look_at(dumped("custom.dump"), PRODUCT).size


def test_the_source_is_never_the_server_of_the_rehearsal(server: Server) -> None:
    with pytest.raises(SnapshotError, match=r"no table patients"):
        look_at(server.url, PRODUCT)
    same = snapshot.Snapshot(server.url, 1, server.major, frozenset(), identifier=identifier(server))
    with pytest.raises(SnapshotError, match="is on the server of the rehearsal"):
        same.expect_fits(server)


def identifier(server: Server) -> int:
    from steps.support.postgres.server import connect

    with connect(server.url) as connection:
        return int(connection.exec_driver_sql("SELECT system_identifier FROM pg_control_system()").scalar_one())
