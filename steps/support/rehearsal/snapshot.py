"""The copy of real data a rehearsal starts from: looked through before anything is started for it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from steps.support.declared import Product
from steps.support.errors import SnapshotError
from steps.support.postgres.server import Server, connect
from steps.support.rehearsal import remote
from steps.support.rehearsal.files import sql_text

# A restored database with its indexes, for each byte of SQL text; and three of them: the one kept, a scenario's clone,
# and the clone of that where a scenario runs the script twice.
ROOM_PER_BYTE = 3 * 2.1
_VERSION = re.compile(rb"-- Dumped from database version (\d+)")
_BEGINS, _ENDS = b"-- PostgreSQL database dump", b"-- PostgreSQL database dump complete"
_NAME = r'(?:\w+|"(?:[^"]|"")+")'
_CREATED = re.compile(rf"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?:({_NAME})\.)?({_NAME})")
BLOCK = 1 << 17


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


def look_at(of: Path | URL, product: Product) -> Snapshot:
    """What the source holds, read through once; raises SnapshotError when it cannot be rehearsed."""
    wanted = [subject.table for subject in product.subjects]
    if isinstance(of, Path):
        return _look_at_file(of, wanted)
    seen = remote.look_at(of, wanted)
    tables = _in_public(remote.shown(of), wanted, [(schema, name) for schema, name in seen.places])
    return Snapshot(of, seen.size, seen.major, tables, seen.identifier, seen.held)


def _look_at_file(path: Path, wanted: list[str]) -> Snapshot:
    size = major = begun = ended = 0
    places: list[tuple[str, str]] = []
    with sql_text(path) as stream:
        # By lines, those of rows too: none of theirs is taken for one of these but by who makes it so.
        for line in iter(lambda: stream.readline(BLOCK), b""):
            size += len(line)
            if not line.startswith((b"-- ", b"CREATE ")):
                continue
            begun += line.rstrip() == _BEGINS
            ended += line.rstrip() == _ENDS
            if created := _CREATED.match(line.decode("utf-8", "replace")):
                places.append(((created[1] or "public").strip('"'), created[2].strip('"')))
            elif version := _VERSION.match(line):
                major = major or int(version[1])
    if begun > ended:  # a text of another hand than pg_dump's has neither
        raise SnapshotError(f"{path} is cut short: pg_dump's last line is not there. Copy or dump it again, whole.")
    if begun > 1:
        raise SnapshotError(
            f"{path} holds {begun} databases, as pg_dumpall writes them, and one is rehearsed at a time. "
            "Dump the one to migrate: pg_dump --format=custom --file=FILE DATABASE"
        )
    return Snapshot(path, size, major, _in_public(str(path), wanted, places))


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
