"""Puts a snapshot into a database of ours, going on over what cannot be had and saying what that was."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from steps.support.harness.databases.database import Database
from steps.support.harness.errors import SnapshotError
from steps.support.harness.progress import progress
from steps.support.harness.rehearsal import script
from steps.support.harness.rehearsal.out_of_room import out_of_room
from steps.support.harness.rehearsal.script import Rows, Statement
from steps.support.harness.rehearsal.snapshot import Snapshot

# Nothing of the server's own, and nothing that reaches for another server.
PASSED_OVER = re.compile(
    r"(CREATE|DROP|ALTER) (DATABASE|ROLE|USER|TABLESPACE|SUBSCRIPTION|SYSTEM)\b|COMMENT ON (EXTENSION|DATABASE)\b"
    r"|CREATE SCHEMA public;",  # pg_dump --schema=public says it, and it is there
    re.I,
)
# What most schemas use of extensions a server may lack: enough of it for the tables to be as they are.
STAND_INS = {
    "uuid-ossp": "CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    "citext": "CREATE DOMAIN public.citext AS text",
}
_EXTENSION = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)"?')
_TABLE = re.compile(r"CREATE (?:UNLOGGED |FOREIGN )?TABLE (?:ONLY )?(\S+)")
_ROLE = re.compile(r'role "([^"]+)" does not exist')
# Only public is migrated and compared; what else there is was restored for what refers to it.
OTHER_SCHEMAS = """
SELECT n.nspname::text, count(c.oid)
FROM pg_namespace n
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
WHERE n.nspname NOT IN ('public', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
GROUP BY 1
"""


@dataclass
class LeftOut:
    """What of the snapshot is not in the rehearsal, by name; `others` counts failed statements by SQLSTATE.

    `schemas` were restored and are not compared: how many tables each has.
    """

    schemas: dict[str, int] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    others: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """A line for each kind, in Spanish."""
        schemas = {f"{name} ({count} tabla{'s' * (count != 1)})" for name, count in self.schemas.items()}
        kinds = (
            ("esquemas que se restauraron y no se comparan (la migración es de public)", schemas),
            ("roles que no existen aquí (sus permisos y políticas)", self.roles),
            ("extensiones que no están instaladas aquí", self.extensions),
            ("tablas que no se pudieron restaurar", self.tables),
            ("otras sentencias, por SQLSTATE", {f"{count} × {state}" for state, count in self.others.items()}),
        )
        return [f"{kind}: {', '.join(sorted(names))}" for kind, names in kinds if names]


def restore(snapshot: Snapshot, database: Database) -> LeftOut:
    """Restore the snapshot; raises SnapshotError when it lacks a table it had, or there is no room for it."""
    left = LeftOut()
    with (
        database.connect() as connection,
        snapshot.text() as stream,
        progress(f"Restoring {snapshot.label}", total=snapshot.size) as advance,
    ):
        cursor: Any = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        for part in script.parts(stream, advance):
            try:
                if isinstance(part, Rows):
                    cursor.copy_expert(part.copy, _Lines(part.lines))
                elif not PASSED_OVER.match(part.words):
                    cursor.execute(part.sql)
            except psycopg2.Error as error:
                if cursor.closed:
                    connection.invalidate()  # else its closing is one more error
                # The message may quote a row: only names and codes are kept.
                _note(left, part, error, cursor)
    with database.connect() as connection:
        for table in sorted(snapshot.tables):
            if not connection.exec_driver_sql(f"SELECT to_regclass('public.{table}') IS NOT NULL").scalar():
                raise SnapshotError(f"{table} of {snapshot.label} cannot be restored here. Left out: {_short(left)}.")
            if not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM public.{table})").scalar():
                raise SnapshotError(f"{snapshot.label} leaves {table} without rows: there is nothing to rehearse on.")
        left.schemas = {name: count for name, count in connection.exec_driver_sql(OTHER_SCHEMAS)}  # noqa: C416  rows are not pairs to mypy
        connection.exec_driver_sql("ANALYZE")
    return left


def _note(left: LeftOut, part: Statement | Rows, error: psycopg2.Error, cursor: Any) -> None:
    if problem := out_of_room(error, "to restore the snapshot"):
        raise problem from None
    if isinstance(part, Rows):
        left.tables.add(part.table)
        return
    words = part.words
    role = _ROLE.search(str(error))
    extension, table = _EXTENSION.match(words), _TABLE.match(words)
    if role:
        left.roles.add(role[1])
    elif extension:
        left.extensions.add(extension[1])
        with suppress(psycopg2.Error):
            cursor.execute(STAND_INS.get(extension[1], ""))
    elif table:
        left.tables.add(table[1])
    elif not words.startswith("SET ") and not any(name in words for name in left.tables):
        left.others[error.pgcode or "?????"] += 1


def _short(left: LeftOut) -> str:
    return "; ".join(left.lines()) or "nothing"


class _Lines(io.RawIOBase):
    """The lines of a block of rows as the file COPY reads."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def read(self, size: int = -1) -> bytes:
        """About `size` bytes, in whole lines; none at the end."""
        found, length = [], 0
        for line in self._lines:
            found.append(line)
            length += len(line)
            if length >= size:
                break
        return b"".join(found)
