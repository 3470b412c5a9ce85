"""Sessions that hold the table: a long report, a write that is not confirmed, a session left open."""

from contextlib import suppress
from dataclasses import dataclass
from select import select

import psycopg2
from psycopg2 import extensions, extras
from psycopg2.errors import QueryCanceled

from steps.support.postgres.database import Database
from steps.support.postgres.server import first_line
from steps.support.subject import Subject

NAME = "blocker"  # of its sessions
READ = "SELECT count(*) FROM {table}"
WRITE = "UPDATE {table} SET {written} = {written} WHERE {key} = (SELECT min({key}) FROM {table})"
LOCK = "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
GID = "traslado-de-sucursal"


@dataclass(frozen=True)
class Kind:
    """How a session holds the table, and what a scenario calls it.

    `statement` takes the lock. `busy`: the session runs a query until it leaves; otherwise it idles in the transaction.
    `named` is what the migration is to call it when it gives up.
    """

    name: str
    statement: str
    named: str
    busy: bool = False
    prepared: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("un informe largo", READ, "long transaction", busy=True),
        Kind("una sesión olvidada", READ, "idle in transaction"),
        Kind("un cambio sin confirmar", WRITE, "idle in transaction"),
        Kind("un mantenimiento que bloquea la tabla entera", LOCK, "idle in transaction"),
        Kind("un cambio preparado y sin confirmar", WRITE, f"prepared transaction '{GID}'", prepared=True),
    )
}


class Blocker:
    """One such session. It holds the table from `with` on until it leaves, and changes nothing for good."""

    def __init__(self, database: Database, subject: Subject, kind: Kind, table: str = "") -> None:
        """`table` is the migration's first one by default; of another only the key is known."""
        self._dsn = database.driver_dsn()
        self.kind = kind
        written = subject.key if table in subject.also else subject.written
        relation = f"public.{table or subject.table}"
        self._statement = kind.statement.format(table=relation, key=subject.key, written=written)
        self._session: extensions.cursor | None = None
        self.disturbed = ""  # what ended its work before it left of its own accord

    def __enter__(self) -> "Blocker":
        connection = psycopg2.connect(self._dsn, application_name=NAME, async_=True)
        extras.wait_select(connection)
        self._session = session = connection.cursor()
        _run(session, f"BEGIN; {self._statement}")
        if self.kind.prepared:
            _run(session, f"PREPARE TRANSACTION '{GID}'")
        if self.kind.busy:
            session.execute("SELECT pg_sleep(3600)")
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the table back."""
        session, self._session = self._session, None
        if not session:
            return
        try:
            if self.kind.busy:
                _end_query(session.connection)
            _run(session, f"ROLLBACK PREPARED '{GID}'" if self.kind.prepared else "ROLLBACK")
        except psycopg2.Error as error:
            self.disturbed = first_line(error)
        session.connection.close()


def _run(session: extensions.cursor, statement: str) -> None:
    session.execute(statement)
    extras.wait_select(session.connection)


def _end_query(connection: extensions.connection) -> None:
    """End the query; what ended it before is raised. Postgres answers before it gives the locks back."""
    if select([connection], [], [], 0)[0]:
        extras.wait_select(connection)
    while not select([connection], [], [], 0.1)[0]:  # again: the query may not have begun yet
        connection.cancel()
    with suppress(QueryCanceled):
        extras.wait_select(connection)
