"""Sessions that hold the table: a long report, a write that is not confirmed, a session left open."""

import threading
from dataclasses import dataclass

import psycopg2
from psycopg2 import extensions

from steps.support.postgres.database import Database
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
        """Of another of the migration's tables than its first, `table`, only the key is known."""
        self._dsn = database.driver_dsn()
        self.kind = kind
        written = subject.key if table in subject.also else subject.written
        relation = f"public.{table or subject.table}"
        self._statement = kind.statement.format(table=relation, key=subject.key, written=written)
        self._working: threading.Thread | None = None
        self._connection: extensions.connection | None = None
        self._leaving = False
        self.disturbed = ""  # what ended its work before it left of its own accord

    def __enter__(self) -> "Blocker":
        self._connection = connection = psycopg2.connect(self._dsn, application_name=NAME)
        with connection.cursor() as cursor:
            cursor.execute(self._statement)
            if self.kind.prepared:
                cursor.execute(f"PREPARE TRANSACTION '{GID}'")
        if self.kind.busy:
            self._working = threading.Thread(target=self._work, args=(connection,), daemon=True)
            self._working.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the table back."""
        connection, self._connection = self._connection, None
        if not connection:
            return
        self._leaving = True
        while self._working and self._working.is_alive():  # again: its query may not have begun yet
            connection.cancel()
            self._working.join(0.1)
        try:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
                if self.kind.prepared:
                    cursor.execute(f"ROLLBACK PREPARED '{GID}'")
        except psycopg2.Error as error:
            self.disturbed = self.disturbed or str(error).splitlines()[0]
        connection.close()

    def _work(self, connection: extensions.connection) -> None:
        with connection.cursor() as cursor:
            try:
                cursor.execute("SELECT pg_sleep(3600)")
            except psycopg2.Error as error:
                if not self._leaving:
                    self.disturbed = str(error).splitlines()[0]
