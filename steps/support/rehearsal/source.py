"""The copy of real data a rehearsal starts from: a dump, or a database that pg_dump reads."""

import gzip
import importlib
import io
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL

from steps.support.errors import SnapshotError
from steps.support.postgres.embedded import client
from steps.support.rehearsal import remote
from steps.support.subject import Subject

GZIP, ZSTD, CUSTOM, TAR = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PGDMP", b"ustar"
MAKE_ONE = "Make one with: pg_dump --format=custom --file=FILE DATABASE"
TAR_END = 1024  # bytes: two empty blocks
_NAME = r'(?:[\w$]+|"(?:[^"]|"")+")'
_VERSION = re.compile(r"^-- Dumped from database version (\d+)", re.M)
_EXTENSION = re.compile(rf"^CREATE EXTENSION (?:IF NOT EXISTS )?({_NAME})(?:(?: WITH)? SCHEMA ({_NAME}))?;", re.M)
_RELATION = re.compile(
    rf"^CREATE (?:UNLOGGED |FOREIGN |MATERIALIZED )?(TABLE|VIEW) (?:IF NOT EXISTS )?(?:({_NAME})\.)?({_NAME})", re.M
)


@dataclass(frozen=True)
class Snapshot:
    """Where the data come from, and what there is to know before they are restored.

    `extensions` are those it wants, with their schemas; `hanging` is what look.sql says, where the source was asked.
    """

    source: Path | URL
    major: int
    extensions: Mapping[str, str]
    hanging: Sequence[Sequence[str]] | None = None

    @property
    def label(self) -> str:
        """The source as it may be shown."""
        return self.source.name if isinstance(self.source, Path) else remote.shown(self.source)

    @contextmanager
    def file(self) -> Iterator[Path]:
        """The dump. Of a database pg_dump makes one, in a folder of ours that goes with the block."""
        if isinstance(self.source, Path):
            yield self.source
            return
        with tempfile.TemporaryDirectory(prefix="acceptance-dump-") as folder:
            yield remote.dump(self.source, Path(folder) / "dump")


def look_at(of: Path | URL, subject: Subject) -> Snapshot:
    """What the source holds; raises SnapshotError when the subject cannot be rehearsed on it."""
    if subject.roles:
        raise SnapshotError(f"{subject.name} needs roles, which are a server's and in no copy: it is not rehearsed.")
    if isinstance(of, URL):
        seen = remote.look_at(of, subject.table, look_script(subject))
        _expect_table(remote.shown(of), subject.table, seen.relations)
        return Snapshot(of, seen.major, seen.extensions, seen.hanging)
    head = _schema_of_archive(of) if is_archive(of) else _start_of_text(of)
    if "-- PostgreSQL database cluster dump" in head:
        raise SnapshotError(f"{of.name} is pg_dumpall's, of several databases; one is rehearsed at a time. {MAKE_ONE}")
    relations = [(kind, _plain(schema or "public"), _plain(name)) for kind, schema, name in _RELATION.findall(head)]
    _expect_table(of.name, subject.table, relations)
    version = _VERSION.search(head)
    extensions = {_plain(name): _plain(schema or "public") for name, schema in _EXTENSION.findall(head)}
    return Snapshot(of, int(version[1]) if version else 0, extensions)


def look_script(subject: Subject) -> Path | None:
    """The query of what hangs on a migration's table: when, what and what to do; None where there is none."""
    script = subject.script.with_name(f"{subject.script.stem}_look.sql")
    return script if script.is_file() else None


def is_archive(path: Path) -> bool:
    """Whether it is for pg_restore; raises SnapshotError when it is cut short where pg_restore would not notice."""
    if path.is_dir():
        if cut := [file.name for file in path.glob("[0-9]*.dat") if not _end(file, 4).endswith(b".\n\n\n")]:
            raise SnapshotError(f"{path.name} is cut short: {cut[0]} has no end. Copy or dump it again, whole.")
        return True
    if not path.is_file():
        raise SnapshotError(f"{path} is no file, and it is read more than once. Save it to a file, and name that.")
    if is_tar(path) and (path.stat().st_size % 512 or _end(path, TAR_END).strip(b"\0")):
        raise SnapshotError(f"{path.name} is cut short: a tar file ends in empty blocks. Copy or dump it again, whole.")
    return is_tar(path) or _start(path).startswith(CUSTOM)


def is_tar(path: Path) -> bool:
    """Whether it is a tar file."""
    return path.is_file() and _start(path)[257:262] == TAR


@contextmanager
def text_of(path: Path) -> Iterator[IO[bytes]]:
    """The SQL text of a plain dump, unpacked; raises SnapshotError when it is cut short or damaged."""
    start, zstd = _start(path), _zstd()
    try:
        if start.startswith(GZIP):
            stream: Any = gzip.open(path)  # noqa: SIM115  closed below
        else:
            stream = io.BufferedReader(zstd.open(path)) if start.startswith(ZSTD) else path.open("rb")
        with stream:
            yield stream
    except (EOFError, gzip.zlib.error, gzip.BadGzipFile, zstd.ZstdError) as error:  # type: ignore[attr-defined]
        raise SnapshotError(f"{path.name} is cut short or damaged ({error}). Copy or dump it again, whole.") from error


def plain_english() -> dict[str, str]:
    """The environment of a client whose words are read."""
    return {**os.environ, "LC_ALL": "C"}


def _schema_of_archive(path: Path) -> str:
    done = subprocess.run(
        [client("pg_restore"), "--section=pre-data", "--file=-", str(path)],
        capture_output=True, check=False, env=plain_english(),
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").splitlines()[0].removeprefix("pg_restore: error: ")
        raise SnapshotError(f"pg_restore cannot read {path.name}: {said}. {MAKE_ONE}")
    return done.stdout.decode("utf-8", "replace")


def _start_of_text(path: Path) -> str:
    """Its statements before the first rows, where pg_dump makes all tables."""
    with text_of(path) as stream:
        lines = (line.decode("utf-8", "replace") for line in stream)
        head = "".join(takewhile(lambda line: not line.startswith(("COPY ", "INSERT ")), lines))
    if "\0" in head or not _RELATION.search(head):
        raise SnapshotError(f"{path.name} is no dump of Postgres with tables. {MAKE_ONE}")
    return head


def _expect_table(label: str, table: str, found: list[tuple[str, str, str]]) -> None:
    """Raise SnapshotError when the table is not where a migration looks for it, with what there is."""
    if ("TABLE", "public", table) in found:
        return
    alike = sorted(f"{kind.lower()} {schema}.{name}" for kind, schema, name in found if name.lower() == table)
    there = f"It has {', '.join(alike)}. " if alike else ""
    raise SnapshotError(f"{label} has no table public.{table}. {there}Name a dump, or the address, of one that has.")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _end(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count))
        return file.read()


def _plain(name: str) -> str:
    """A name as the catalogue has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _zstd() -> Any:
    try:
        return importlib.import_module("compression.zstd")  # Python 3.14 and later
    except ImportError:
        return importlib.import_module("zstandard")
