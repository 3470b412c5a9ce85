"""Puts a snapshot into a database of ours, going on over what cannot be had and saying what that was.

It is foreign code: what keeps it from doing harm is the role that the database belongs to.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2 import errorcodes

from steps.support.harness.databases.database import Database
from steps.support.harness.errors import SnapshotError
from steps.support.harness.progress import progress
from steps.support.harness.rehearsal import script
from steps.support.harness.rehearsal.left_out import LeftOut
from steps.support.harness.rehearsal.limits import Bounds
from steps.support.harness.rehearsal.out_of_room import out_of_room
from steps.support.harness.rehearsal.script import Rows, Statement
from steps.support.harness.rehearsal.snapshot import Snapshot
from steps.support.harness.servers.server import Server, connect

# What most schemas use of extensions a server may lack: enough of it for the tables to be as they are.
STAND_INS = {
    "uuid-ossp": "CREATE FUNCTION {}.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    "citext": "CREATE DOMAIN {}.citext AS text",
}
_EXTENSION = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)"?(?: WITH SCHEMA (\w+|"[^"]+"))?')
_NAME = r'(?:\w+|"[^"]+")'
# Superusers alone may create one; what it calls runs with the rights of whoever changes a table, which are the guest's.
# One on login would run with ours.
_EVENT_TRIGGER = re.compile(
    rf"CREATE EVENT TRIGGER {_NAME} ON (?:ddl_command_start|ddl_command_end|sql_drop|table_rewrite)"
    rf"(?: WHEN TAG IN \((?:'[A-Z ]+'(?:, )?)+\))? EXECUTE (?:FUNCTION|PROCEDURE) {_NAME}\.{_NAME}\(\);"
)
WAY_OUT = "-D postgres=docker has the usual extensions, ICU and XML; so may a running server of yours"


def restore(snapshot: Snapshot, database: Database, server: Server) -> LeftOut:
    """Restore the snapshot; raises SnapshotError when it lacks a table it had, or there is no room for it."""
    left = LeftOut()
    failed: dict[str, str] = {}  # why the rows of a table are not there
    with (
        database.connect() as connection,
        snapshot.text() as stream,
        progress(f"Restoring {snapshot.label}", total=snapshot.size) as advance,
    ):
        session: Any = connection.connection.driver_connection
        cursor = session.cursor()
        with Bounds(database, session, snapshot.room) as bounds:
            for part in script.parts(stream, advance):
                bounds.statement()
                try:
                    _put(cursor, part, database, server)
                except psycopg2.Error as error:
                    if cursor.closed or session.closed:
                        connection.invalidate()  # else its closing is one more error
                    bounds.statement()
                    if problem := out_of_room(error, "to restore the snapshot"):
                        raise problem from None
                    # The message may quote a row: only names and codes are kept.
                    if isinstance(part, Rows):
                        left.rows(part.table)
                        failed[part.table.removeprefix("public.")] = error.pgcode or "?????"
                    elif isinstance(part, Statement):
                        left.statement(part.words, error)
                        _stand_in(cursor, part.words)
    _expect_rows(snapshot, database, left, failed)
    return left


def _put(cursor: Any, part: object, database: Database, server: Server) -> None:
    if isinstance(part, Rows):
        lines = _Lines(part.blocks)
        try:
            cursor.copy_expert(part.copy, lines)
        finally:
            if lines.error:  # the driver would tell of it as of one more error of the server's
                raise lines.error
    elif isinstance(part, Statement) and _EVENT_TRIGGER.fullmatch(part.words.strip()):
        url = server.url.set(database=database.name)
        with connect(url) as admin:
            raw: Any = admin.connection.driver_connection
            raw.cursor().execute("SET search_path = ''")
            raw.cursor().execute(part.sql)
    elif isinstance(part, Statement):
        cursor.execute(part.sql)


def _stand_in(cursor: Any, words: str) -> None:
    if (found := _EXTENSION.match(words)) and found[1] in STAND_INS:
        with suppress(psycopg2.Error):
            cursor.execute(STAND_INS[found[1]].format(found[2] or "public"))


def _expect_rows(snapshot: Snapshot, database: Database, left: LeftOut, failed: dict[str, str]) -> None:
    with database.connect() as connection:
        for table in sorted(snapshot.tables):
            if not connection.exec_driver_sql(f"SELECT to_regclass('public.{table}') IS NOT NULL").scalar():
                lacking = "; ".join(left.lines()) or "nothing"
                raise SnapshotError(
                    f"{table} of {snapshot.label} cannot be restored here. Left out: {lacking}. {WAY_OUT}."
                )
            if code := failed.get(table):
                why = errorcodes.lookup(code).lower() if code in vars(errorcodes).values() else "unknown"
                raise SnapshotError(
                    f"The rows of {table} of {snapshot.label} cannot be loaded here ({code}, {why}). {WAY_OUT}."
                )
            if not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM public.{table})").scalar():
                raise SnapshotError(f"{snapshot.label} leaves {table} without rows: there is nothing to rehearse on.")
        connection.exec_driver_sql("ANALYZE")


class _Lines(io.RawIOBase):
    """Blocks of rows as the file COPY reads; `error` is what reading them raised."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = b""
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            self._block = self._block or next(self._blocks, b"")
        except BaseException as error:
            self.error = error
            raise
        taken, self._block = self._block[:size], self._block[size:]
        return taken
