"""The copy of real data a rehearsal starts from: looked through before anything is started for it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from steps.support.harness.errors import SnapshotError
from steps.support.harness.product import Product
from steps.support.harness.progress import progress
from steps.support.harness.rehearsal import remote, script
from steps.support.harness.rehearsal.files import sql_text
from steps.support.harness.rehearsal.script import Aside, Rows, Statement
from steps.support.harness.servers.server import Server, connect

# A restored database with its indexes, for each byte of SQL text; and three of them: the one kept, a scenario's clone,
# and the clone of that where a scenario runs the script twice.
ROOM_PER_BYTE = 3 * 2.1
_VERSION = re.compile(rb"-- Dumped from database version (\d+)")
_BEGINS, _ENDS = b"-- PostgreSQL database dump", b"-- PostgreSQL database dump complete"
_NAME = r'(?:\w+|"(?:[^"]|"")+")'
_CREATED = re.compile(rf"CREATE (?:UNLOGGED )?TABLE (?:ONLY )?(?:({_NAME})\.)?({_NAME})")
_INSERTED = re.compile(rf"INSERT INTO (?:public\.)?({_NAME})")


@dataclass(frozen=True)
class Snapshot:
    """Where the data come from (a dump's path, or the URL of a database), how much text it is, of which version."""

    source: Path | URL
    size: int
    major: int
    tables: frozenset[str]  # those of public that a migration is for
    identifier: int = 0  # of the server it is read from, 0 for a file
    look_at: tuple[str, ...] = ()  # what holds the tables there now, in Spanish

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

    def note(self, line: bytes) -> None:
        """Take one of them, from between two statements."""
        self.begun += line.rstrip() == _BEGINS
        self.ended += line.rstrip() == _ENDS
        found = _VERSION.match(line)
        self.major = self.major or int(found[1] if found else 0)

    def expect_one_whole(self, path: Path) -> None:
        """Raise SnapshotError for a first line without a last, or several. A text of another hand has neither."""
        if self.begun > self.ended:
            raise SnapshotError(f"{path} is cut short: pg_dump's last line is not there. Copy or dump it again, whole.")
        if self.begun > 1:
            raise SnapshotError(
                f"{path} holds {self.begun} databases, as pg_dumpall writes them, and one is rehearsed at a time. "
                "Dump the one to migrate: pg_dump --format=custom --file=FILE DATABASE"
            )


def look_at(of: Path | URL, product: Product) -> Snapshot:
    """What the source holds, read through once; raises SnapshotError when it cannot be rehearsed."""
    wanted = [subject.table for subject in product.subjects]
    if isinstance(of, Path):
        return _look_at_file(of, wanted)
    seen = remote.look_at(of, wanted)
    tables = _in_public(remote.shown(of), wanted, [(schema, name) for schema, name in seen.places])
    return Snapshot(of, seen.size, seen.major, tables, seen.identifier, seen.held)


def _look_at_file(path: Path, wanted: list[str]) -> Snapshot:
    size = 0
    places: list[tuple[str, str]] = []
    rows: dict[str, int] = {}
    frame = Frame()

    def read(length: int) -> None:
        nonlocal size
        size += length

    with progress(f"Looking through {path.name}"), sql_text(path) as stream:
        for part in script.parts(stream, read):
            match part:
                case Aside():
                    frame.note(part.line)
                case Statement():
                    if created := _CREATED.match(part.words):
                        places.append(((created[1] or "public").strip('"'), created[2].strip('"')))
                    elif inserted := _INSERTED.match(part.words):
                        rows[inserted[1].strip('"')] = 1
                case Rows():
                    rows[part.table.removeprefix("public.")] = sum(map(len, part.blocks))
    frame.expect_one_whole(path)
    tables = _in_public(str(path), wanted, places)
    if empty := sorted(table for table in tables if rows.get(table) == 0):
        raise SnapshotError(
            f"{path} has no rows in {', '.join(empty)}: there is nothing to rehearse on. Dump the data too."
        )
    return Snapshot(path, size, frame.major, tables)


def _in_public(shown: str, wanted: list[str], places: list[tuple[str, str]]) -> frozenset[str]:
    """Which of the tables migrations are for are in public; raises SnapshotError when none is."""
    found = frozenset(name for schema, name in places if schema == "public" and name in wanted)
    if found:
        return found
    elsewhere = sorted({f"{schema}.{name}" for schema, name in places if name in wanted})
    if elsewhere:
        raise SnapshotError(
            f"{shown} has {', '.join(elsewhere)} alone, and the migration is for tables in public. "
            "In a copy, ALTER SCHEMA … RENAME TO public, and rehearse that."
        )
    raise SnapshotError(f"{shown} has no table {' or '.join(wanted)}. Name a dump, or the address, of such a database.")
