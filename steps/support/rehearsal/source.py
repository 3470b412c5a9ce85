"""A dump to take the copy from: a file or folder of pg_dump's, looked at before anything is started for it."""

import gzip
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import zstandard
from sqlalchemy import URL

from steps.support.errors import SnapshotError
from steps.support.postgres.embedded import client
from steps.support.subject import Subject

GZIP, ZSTD, CUSTOM, TAR = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PGDMP", b"ustar"
AGAIN = "Copy or dump it again, whole."
MAKE_ONE = "Make one with: pg_dump --format=custom --file=FILE DATABASE"
NAME = r'(?:[\w$]+|"(?:[^"]|"")+")'
_EXTENSION = re.compile(rf"^CREATE EXTENSION (?:IF NOT EXISTS )?({NAME})(?:(?: WITH)? SCHEMA ({NAME}))?;", re.M)
_RELATION = re.compile(
    rf"^CREATE (?:UNLOGGED |FOREIGN |MATERIALIZED )?(TABLE|VIEW) (?:IF NOT EXISTS )?(?:({NAME})\.)?({NAME})", re.M
)


@dataclass(frozen=True)
class Snapshot:
    """Where the data come from, as it may be shown, and what there is to know before they are restored.

    `extensions` are those it wants, with their schemas; `hanging` is what look.sql says, where the source was asked.
    """

    source: Path | URL
    label: str
    extensions: Mapping[str, str]
    hanging: Sequence[Sequence[str]] | None = None


def look_at(path: Path, subject: Subject) -> Snapshot:
    """What a dump holds; raises SnapshotError when the subject cannot be rehearsed on it."""
    head = _schema_of_archive(path) if is_archive(path) else _start_of_text(path)
    if "-- PostgreSQL database cluster dump" in head:
        raise SnapshotError(f"{path.name} is of several databases, and one is rehearsed at a time. {MAKE_ONE}")
    expect_table(path.name, subject, [tuple(map(_plain, found)) for found in _RELATION.findall(head)])
    extensions = {_plain(name): _plain(schema) for name, schema in _EXTENSION.findall(head)}
    return Snapshot(path, path.name, extensions)


def expect_table(label: str, subject: Subject, found: Sequence[Sequence[str]]) -> None:
    """Raise SnapshotError unless `found` (kind, schema, name) has the table in public."""
    if subject.roles:
        raise SnapshotError(f"{subject.name} needs roles, which are a server's and in no copy: it is not rehearsed.")
    if ("TABLE", "public", subject.table) not in [tuple(one) for one in found]:
        alike = [f"{kind.lower()} {schema}.{name}" for kind, schema, name in found if name.lower() == subject.table]
        there = f"It has {', '.join(sorted(alike))}. " if alike else ""
        raise SnapshotError(f"{label} has no table {subject.relation}. {there}Name one that has.")


def look_script(subject: Subject) -> Path | None:
    """The query of what hangs on a migration's table: when, what and what to do; None where there is none."""
    script = subject.script.with_name(f"{subject.script.stem}_look.sql")
    return script if script.is_file() else None


def is_archive(path: Path) -> bool:
    """Whether it is for pg_restore; raises SnapshotError when it is cut short where pg_restore would not notice."""
    if path.is_dir():
        whole = all(_end(file, 4).endswith(b".\n\n\n") for file in path.glob("[0-9]*.dat"))
    elif path.is_file():
        whole = not is_tar(path) or not (path.stat().st_size % 512 or _end(path, 1024).strip(b"\0"))
    else:
        raise SnapshotError(f"{path} is no file, and it is read more than once. Save it to a file, and name that.")
    if not whole:
        raise SnapshotError(f"{path.name} is cut short. {AGAIN}")
    return path.is_dir() or is_tar(path) or _start(path).startswith(CUSTOM)


def is_tar(path: Path) -> bool:
    """Whether it is a tar file."""
    return path.is_file() and _start(path)[257:262] == TAR


@contextmanager
def text_of(path: Path) -> Iterator[IO[bytes]]:
    """The SQL text of a plain dump as a file, unpacked; raises SnapshotError when it is cut short or damaged."""
    kind = _start(path)[:4]
    opened: Any = gzip.open if kind.startswith(GZIP) else zstandard.open if kind == ZSTD else None
    with TemporaryFile() if opened else path.open("rb") as file:
        if opened:
            try:
                with opened(path) as packed:
                    shutil.copyfileobj(packed, file)
            except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
                raise SnapshotError(f"{path.name} is cut short or damaged ({error}). {AGAIN}") from error
        file.seek(0)
        yield file


def run_client(program: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a Postgres client, whose words are read, to its end."""
    return subprocess.run(
        [client(program), *arguments], env={**os.environ, "LC_ALL": "C", **environ},
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip


def _schema_of_archive(path: Path) -> str:
    done = run_client("pg_restore", "--section=pre-data", "--file=-", str(path))
    if done.returncode:
        said = (done.stderr.splitlines() or ["no reason given"])[0].removeprefix("pg_restore: error: ")
        raise SnapshotError(f"pg_restore cannot read {path.name}: {said}. {MAKE_ONE}")
    return done.stdout


def _start_of_text(path: Path) -> str:
    """Its statements before the first rows, where pg_dump makes all tables."""
    with text_of(path) as text:
        lines = (line.decode("utf-8", "replace") for line in text)
        head = "".join(takewhile(lambda line: not line.startswith(("COPY ", "INSERT ")), lines))
    if "\0" in head or not _RELATION.search(head):
        raise SnapshotError(f"{path.name} is no dump of Postgres with tables. {MAKE_ONE}")
    return head


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _end(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count))
        return file.read()


def _plain(name: str) -> str:
    """A name as the catalogue has it; public for a schema that is not said."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name or "public"
