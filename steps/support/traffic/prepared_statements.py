"""Services that prepare a statement once and run it many times: the server keeps its plan, and its result's types.

A driver may do so for every statement (asyncpg, JDBC, psycopg 3 from the fifth time on). psycopg2 never does by itself.
"""

import asyncio
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Protocol

import psycopg2
from psycopg2 import extensions

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.subject import Subject
from steps.support.traffic import writers
from steps.support.traffic.writers import Writers

NAME = "prepared"  # of their sessions
READ, ADD, CHANGE = "read", "add", "change"
Statements = Mapping[str, str]


def by_name(database: Database, subject: Subject) -> Statements:
    """What a service asks of the table, with every column it has now by its name, and none that comes later.

    READ and CHANGE are of the first row and take no value; ADD takes a tenant and a number.
    """
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in sorted(read(database, subject.relation)))
    table, key, written = subject.relation, subject.key, subject.written
    first = f"{key} = (SELECT min({key}) FROM {table})"
    return {
        READ: f"SELECT {columns} FROM {table} WHERE {first}",
        ADD: f"{_numbered(subject.insert)}, {columns}",
        CHANGE: f"UPDATE {table} SET {written} = {written} WHERE {first} RETURNING {columns}",
    }


class Session(Protocol):
    """A connection with statements prepared on it."""

    def run(self, name: str, *values: object) -> str:
        """Run one in a transaction of its own; returns the SQLSTATE and message it failed with, or nothing."""

    def close(self) -> None:
        """Close the connection."""


class ByPrepare:
    """By PREPARE and EXECUTE, through psycopg2."""

    def __init__(self, database: Database, statements: Statements) -> None:
        self._connection = prepared(database, statements)

    def run(self, name: str, *values: object) -> str:
        """Run one in a transaction of its own; returns the SQLSTATE and message it failed with, or nothing."""
        try:
            with self._connection, self._connection.cursor() as cursor:
                execute(cursor, name, *values)
        except psycopg2.Error as error:
            return f"{error.pgcode}: {error.diag.message_primary}"
        return ""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class ByAsyncpg:
    """By asyncpg's pool, which prepares all it is asked and keeps that for the connection.

    In a transaction: outside one it would hide a plan that no longer fits by asking again.
    """

    def __init__(self, database: Database, statements: Statements) -> None:
        import asyncpg  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415  an extra

        self._statements = statements
        self._refusals: Any = asyncpg.PostgresError
        self._loop = asyncio.Runner()
        self._pool = self._loop.run(self._open(asyncpg, database.driver_dsn()))

    def run(self, name: str, *values: object) -> str:
        """Run one in a transaction of its own; returns the SQLSTATE and message it failed with, or nothing."""
        return self._loop.run(self._run(self._statements[name], *values))

    def close(self) -> None:
        """Close the pool."""
        self._loop.run(self._pool.close())
        self._loop.close()

    async def _open(self, asyncpg: Any, dsn: str) -> Any:
        return await asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings={"application_name": NAME})

    async def _run(self, statement: str, *values: object) -> str:
        async with self._pool.acquire() as connection:
            try:
                async with connection.transaction():
                    await connection.fetch(statement, *values)
            except self._refusals as error:
                return f"{error.sqlstate}: {error.args[0]}"
        return ""


DRIVERS: Mapping[str, Any] = {"psycopg2": ByPrepare, "asyncpg": ByAsyncpg}


def installed(driver: str) -> bool:
    """Whether one of `DRIVERS` is there: not all are the suite's own."""
    return find_spec(driver) is not None


class PreparedWriters(Writers):
    """Writers that have their statements prepared, and read back what the table has by name."""

    def __init__(self, database: Database, subject: Subject, count: int = 8) -> None:
        super().__init__(database, subject, count)
        self._statements = by_name(database, subject)

    def _connect(self) -> extensions.connection:
        return prepared(self._database, self._statements, writers.NAME)

    def _add(self, cursor: extensions.cursor, tenant: int, number: int) -> object:
        execute(cursor, ADD, tenant, number)
        key, *_ = cursor.fetchone() or [None]
        return key


def prepared(database: Database, statements: Statements, name: str = NAME) -> extensions.connection:
    """A connection called `name` with the statements prepared."""
    connection = psycopg2.connect(database.driver_dsn(), application_name=name)
    with connection, connection.cursor() as cursor:
        for statement, text in statements.items():
            cursor.execute(f"PREPARE {_called(statement)} AS {text}")
    return connection


def execute(cursor: extensions.cursor, name: str, *values: object) -> None:
    """Run a prepared statement; its rows are the cursor's."""
    cursor.execute(f"EXECUTE {_called(name)}" + (f" ({', '.join(['%s'] * len(values))})" if values else ""), values)


def _called(name: str) -> str:
    return f"its_{name}"


def _numbered(insert: str) -> str:
    """A subject's insert as the server prepares it."""
    return insert % {"tenant": "$1::integer", "number": "$2::bigint"}
