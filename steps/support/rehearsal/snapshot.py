"""The copy of real data a rehearsal starts from: looked through before anything is started for it."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from steps.support.databases.database import Database
from steps.support.problems import SnapshotError
from steps.support.progress import progress
from steps.support.rehearsal import script
from steps.support.rehearsal.files import sql_text
from steps.support.rehearsal.script import Rows, Statement
from steps.support.servers.embedded import client
from steps.support.servers.server import Server, connect

# A restored database with its indexes, for each byte of SQL text; and two of them: the one kept, a scenario's clone.
ROOM_PER_BYTE = 2 * 2.2
_VERSION = re.compile(rb"-- Dumped from database version (\d+)")
_PATIENTS = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:ONLY )?(?:(\w+)\.)?patients\b")
LOOK = """
SELECT current_setting('server_version_num')::int / 10000, pg_database_size(current_database()),
       to_regclass('public.patients') IS NOT NULL, (SELECT system_identifier FROM pg_control_system())
"""


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
        if isinstance(self.source, Path):
            return self.source.name
        return self.source.set(drivername="postgresql").render_as_string()

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
        if isinstance(self.source, Path):
            with sql_text(self.source) as stream:
                yield stream
            return
        address = Database(self.source).libpq_url()
        environ = {
            **os.environ,
            "PGPASSWORD": self.source.password or "",
            "PGOPTIONS": "-c default_transaction_read_only=on",
        }
        command = [client("pg_dump"), "--no-password", "--lock-wait-timeout=10s", f"--dbname={address}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as process:
            assert process.stdout
            assert process.stderr
            try:
                yield process.stdout
                reason = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise SnapshotError(f"pg_dump cannot read {self.label}: {reason[0].removeprefix('pg_dump: error: ')}")


def look_at(source: Path | URL) -> Snapshot:
    """What the source holds, read through once; raises SnapshotError when it cannot be rehearsed."""
    return _look_at_file(source) if isinstance(source, Path) else _look_at_database(source)


def _look_at_file(path: Path) -> Snapshot:
    size, major, schema, rows = 0, 0, None, None
    found: list[int] = []
    with progress(f"Looking through {path.name}"), sql_text(path) as stream:

        def read(length: int) -> None:
            nonlocal size
            size += length

        for part in script.parts(_versioned(stream, found), read):
            match part:
                case Statement():
                    created = _PATIENTS.match(part.words)
                    schema = (created[1] or "public") if created and schema != "public" else schema
                    if rows is None and re.match(r"INSERT INTO (?:public\.)?patients\b", part.words):
                        rows = 1
                case Rows(table="public.patients"):
                    rows = sum(1 for _ in part.lines)
    major = found[0] if found else 0
    if schema is None:
        raise SnapshotError(f"{path} has no table patients. Name a dump of the clinics' database.")
    if schema != "public":
        raise SnapshotError(f"{path} has patients in schema {schema}, and the suite knows public. Dump that one.")
    if rows == 0:
        raise SnapshotError(f"{path} has no rows in patients: there is nothing to rehearse on. Dump the data too.")
    return Snapshot(path, size, major)


def _versioned(stream: IO[bytes], found: list[int]) -> IO[bytes]:
    """The same lines, noting the server's version as they pass."""

    def lines() -> Iterator[bytes]:
        for line in stream:
            if not found and (match := _VERSION.match(line)):
                found.append(int(match[1]))
            yield line

    return lines()  # type: ignore[return-value]  # iterating is all that is done with it


def _look_at_database(url: URL) -> Snapshot:
    shown = url.set(drivername="postgresql").render_as_string()
    try:
        with connect(url) as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = on")
            major, size, exists, identifier = connection.exec_driver_sql(LOOK).one()
            if not exists:
                raise SnapshotError(f"{shown} has no table public.patients. Name the clinics' database.")
            if not connection.exec_driver_sql("SELECT EXISTS (SELECT FROM public.patients)").scalar():
                raise SnapshotError(f"{shown} has no rows in patients: there is nothing to rehearse on.")
    except OperationalError as error:
        raise SnapshotError(f"{shown} does not let us in: {str(error.orig).strip().splitlines()[0]}") from error
    return Snapshot(url, size, major, identifier)
