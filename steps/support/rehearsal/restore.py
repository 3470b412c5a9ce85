"""Puts a snapshot into a database of ours, going on over what cannot be had and saying what that was.

It is foreign code: what keeps it from doing harm is the role that the database belongs to, and psql's restriction.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

import psycopg2

from steps.support import output
from steps.support.discretion import condition
from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.guest import confine, settle
from steps.support.postgres.server import Server, connect
from steps.support.rehearsal.left_out import WAY_OUT, LeftOut
from steps.support.rehearsal.limits import SLACK, Bounds
from steps.support.rehearsal.loading import Loading
from steps.support.rehearsal.out_of_room import lost, no_room
from steps.support.rehearsal.snapshot import Snapshot

BLOCK = 1 << 17
TO_DO = "to restore the snapshot"
# What most schemas use of extensions a server may lack: enough of it for the tables to be as they are.
STAND_INS = {
    "uuid-ossp": "CREATE FUNCTION {}.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';\n",
    "citext": "CREATE DOMAIN {}.citext AS text;\n",
}
_EXTENSION = re.compile(rb'CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)"?(?: WITH SCHEMA (\w+|"[^"]+"))?;')
_NAME = r'(?:\w+|"[^"]+")'
# Superusers alone may create one; what it calls runs with the rights of whoever changes a table, which are the guest's.
# One on login would run with ours.
_EVENT_TRIGGER = re.compile(
    rf"CREATE EVENT TRIGGER {_NAME} ON (?:ddl_command_start|ddl_command_end|sql_drop|table_rewrite)"
    rf"(?: WHEN TAG IN \((?:'[A-Z ]+'(?:, )?)+\))? EXECUTE (?:FUNCTION|PROCEDURE) {_NAME}\.{_NAME}\(\);"
    rf"|ALTER EVENT TRIGGER {_NAME} (?:DISABLE|ENABLE(?: REPLICA| ALWAYS)?);"
)


def restore(snapshot: Snapshot, database: Database, server: Server) -> LeftOut:
    """Restore the snapshot; raises SnapshotError when it lacks a table it had, or there is no room for it."""
    left = LeftOut()
    event_triggers: list[str] = []
    problems: list[SnapshotError] = []

    def failed(statement: str, code: str, message: str) -> None:
        words = " ".join(statement.split())
        if problems:
            return
        if problem := no_room(code, TO_DO):
            problems.append(problem)
            loading.stop()
        elif _EVENT_TRIGGER.fullmatch(words):
            event_triggers.append(words)
        else:
            left.statement(words, code, message)
            if left.too_much:
                what = "; ".join(left.unrehearsed())[:500]
                problems.append(SnapshotError(f"Too much of {snapshot.label} cannot be restored here: {what}…"))
                loading.stop()

    output.say(f"Restoring {snapshot.label} …")
    with connect(server.url) as admin:
        confine(admin, database, snapshot.room + SLACK)
    with (
        snapshot.text() as stream,
        Loading(database, failed) as loading,
        Bounds(database, snapshot.room, loading.stop) as bounds,
    ):
        try:
            for text in _blocks(stream, _lacking(database)):
                loading.put(text)
            whole = loading.finish()
        except ConnectionError as error:
            if reason := [*bounds.reasons, *problems]:
                raise reason[0] from None
            raise lost(TO_DO) from error
        if reason := [*bounds.reasons, *problems]:
            raise reason[0]
    if not whole:
        raise SnapshotError(
            f"{snapshot.label} is cut short: it ends inside rows or a statement. Copy or dump it again, whole."
        )
    with connect(server.url) as admin:
        settle(admin, database)
    _create(event_triggers, database, server, left)
    _expect_rows(snapshot, database, left)
    return left


def _lacking(database: Database) -> dict[str, str]:
    """The stand-ins of extensions that the server lacks."""
    with database.connect() as connection:
        there = connection.exec_driver_sql("SELECT name FROM pg_available_extensions").scalars().all()
    return {name: sql for name, sql in STAND_INS.items() if name not in there}


def _blocks(stream: IO[bytes], stand_ins: dict[str, str]) -> Iterator[bytes]:
    """The text, with a stand-in after each extension that is lacking: before the first rows, where they are."""
    for line in iter(lambda: stream.readline(BLOCK), b""):
        yield line.removeprefix(b"\xef\xbb\xbf")
        found = _EXTENSION.match(line)
        if found and (sql := stand_ins.get(found[1].decode())):
            yield sql.format((found[2] or b"public").decode()).encode()
        if line.startswith((b"COPY ", b"INSERT ")):
            break
    yield from iter(lambda: stream.read(BLOCK), b"")


def _create(event_triggers: list[str], database: Database, server: Server, left: LeftOut) -> None:
    with connect(server.url.set(database=database.name)) as admin:
        cursor: Any = admin.connection.cursor()
        cursor.execute("SET search_path = ''")
        for words in event_triggers:
            try:
                cursor.execute(words)
            except psycopg2.Error as error:
                left.statement(words, error.pgcode or "", "")


def _expect_rows(snapshot: Snapshot, database: Database, left: LeftOut) -> None:
    with database.connect() as connection:
        for table in sorted(snapshot.tables):
            if not connection.exec_driver_sql(f"SELECT to_regclass('public.{table}') IS NOT NULL").scalar():
                lacking = "; ".join(left.unrehearsed()) or "nothing"
                raise SnapshotError(
                    f"{table} of {snapshot.label} cannot be restored here. Left out: {lacking}. {WAY_OUT}."
                )
            if code := left.rows.get(table) or left.rows.get(f"public.{table}"):
                raise SnapshotError(
                    f"The rows of {table} of {snapshot.label} cannot be loaded here ({code}, {condition(code)}). "
                    f"{WAY_OUT}."
                )
            if not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM public.{table})").scalar():
                raise SnapshotError(f"{snapshot.label} leaves {table} without rows: there is nothing to rehearse on.")
        connection.exec_driver_sql("ANALYZE")
