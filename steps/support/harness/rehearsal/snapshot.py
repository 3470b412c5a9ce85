"""The copy of real data a rehearsal starts from: looked through before anything is started for it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from steps.support.harness.errors import SnapshotError
from steps.support.harness.progress import progress
from steps.support.harness.rehearsal import remote, script
from steps.support.harness.rehearsal.files import sql_text
from steps.support.harness.rehearsal.script import Rows, Statement
from steps.support.harness.servers.server import Server, connect

# A restored database with its indexes, for each byte of SQL text; and two of them: the one kept, a scenario's clone.
ROOM_PER_BYTE = 2 * 2.2
_VERSION = re.compile(rb"-- Dumped from database version (\d+)")
_BEGINS, _ENDS = b"-- PostgreSQL database dump", b"-- PostgreSQL database dump complete"
_NAME = r'(?:\w+|"(?:[^"]|"")+")'
_PATIENTS = re.compile(rf'CREATE (?:UNLOGGED )?TABLE (?:ONLY )?(?:({_NAME})\.)?(?:patients\b|"patients")')
_INSERTED = re.compile(r'INSERT INTO (?:public\.)?(?:patients\b|"patients")')


@dataclass(frozen=True)
class Snapshot:
    """Where the data come from (a dump's path, or the URL of a database), how much text it is, of which version."""

    source: Path | URL
    size: int
    major: int
    identifier: int = 0  # of the server it is read from, 0 for a file

    @property
    def room(self) -> int:
        """Bytes of disk a rehearsal needs."""
        return int(self.size * ROOM_PER_BYTE)

    @property
    def label(self) -> str:
        """The source as it may be shown."""
        return self.source.name if isinstance(self.source, Path) else remote.shown(self.source)

    def expect_fits(self, server: Server) -> None:
        """Raise SnapshotError when the server is too old for it, or is the very server it is read from."""
        if self.major > server.major:
            raise SnapshotError(
                f"{self.label} is of Postgres {self.major}, newer than the server of the rehearsal ({server.version}). "
                "Use a server as new, such as -D postgres=docker -D image=…"
            )
        with connect(server.url) as connection:
            own = connection.exec_driver_sql("SELECT system_identifier FROM pg_control_system()").scalar_one()
        if self.identifier and own == self.identifier:
            raise SnapshotError(
                f"{self.label} is on the server of the rehearsal. Leave -D postgres out: it starts one."
            )

    @contextmanager
    def text(self) -> Iterator[IO[bytes]]:
        """Its SQL text; from a database by pg_dump, which reads in one read-only transaction."""
        opened = sql_text(self.source) if isinstance(self.source, Path) else remote.dumped(self.source, self.major)
        with opened as stream:
            yield stream


@dataclass
class Frame:
    """What pg_dump's own lines around a dump say: the version of its server, whether it is all there."""

    major: int = 0
    begun: int = 0
    ended: int = 0

    def around(self, stream: IO[bytes]) -> Iterator[bytes]:
        """The same lines, noted as they pass."""
        for line in stream:
            if line.startswith(b"-- "):
                self.begun += line.rstrip() == _BEGINS
                self.ended += line.rstrip() == _ENDS
                found = _VERSION.match(line)
                self.major = self.major or int(found[1] if found else 0)
            yield line

    @property
    def cut(self) -> bool:
        """Whether a first line has no last. A text of another hand has neither."""
        return self.begun > self.ended


def look_at(of: Path | URL) -> Snapshot:
    """What the source holds, read through once; raises SnapshotError when it cannot be rehearsed."""
    if isinstance(of, Path):
        return _look_at_file(of)
    seen = remote.look_at(of)
    _expect_patients(remote.shown(of), seen.schemas)
    return Snapshot(of, seen.size, seen.major, seen.identifier)


def _look_at_file(path: Path) -> Snapshot:
    size, rows, schemas = 0, None, []
    frame = Frame()

    def read(length: int) -> None:
        nonlocal size
        size += length

    with progress(f"Looking through {path.name}"), sql_text(path) as stream:
        for part in script.parts(frame.around(stream), read):
            match part:
                case Statement():
                    if created := _PATIENTS.match(part.words):
                        schemas.append((created[1] or "public").strip('"'))
                    elif rows is None and _INSERTED.match(part.words):
                        rows = 1
                case Rows(table="public.patients"):
                    rows = sum(1 for _ in part.lines)
    if frame.cut:
        raise SnapshotError(f"{path} is cut short: pg_dump's last line is not there. Copy or dump it again, whole.")
    _expect_patients(str(path), schemas)
    if rows == 0:
        raise SnapshotError(f"{path} has no rows in patients: there is nothing to rehearse on. Dump the data too.")
    return Snapshot(path, size, frame.major)


def _expect_patients(shown: str, schemas: list[str]) -> None:
    """Raise SnapshotError unless there is a table patients where the migration looks for it."""
    if not schemas:
        raise SnapshotError(f"{shown} has no table patients. Name a dump, or the address, of the clinics' database.")
    if "public" not in schemas:
        where = ", ".join(sorted(set(schemas)))
        raise SnapshotError(
            f"{shown} has patients in schema {where} alone, and the migration is for public.patients. "
            "In a copy, ALTER SCHEMA … RENAME TO public, and rehearse that."
        )
