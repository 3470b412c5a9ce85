"""Bounds what a database session may take: it ends at Ctrl-C, and where it runs or grows without end."""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from psycopg2 import extensions

from steps.support.harness.databases.database import Database
from steps.support.harness.errors import SnapshotError

STATEMENT_SECONDS = 3600.0
SLACK = 2 << 30  # bytes
LOOK_SECONDS = 1.0
SIZE = "SELECT pg_database_size(current_database())"


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end a statement at once; the driver's own way would be to wait for its end. No COPY meanwhile."""
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(_wait)
    try:
        yield
    finally:
        extensions.set_wait_callback(before)


@contextmanager
def copying() -> Iterator[None]:
    """Let the driver COPY, which it does in no other way than its own."""
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(None)
    try:
        yield
    finally:
        extensions.set_wait_callback(before)


def _wait(connection: Any) -> None:
    try:
        while (state := connection.poll()) != extensions.POLL_OK:
            readable = [connection.fileno()] * (state == extensions.POLL_READ)
            writable = [connection.fileno()] * (state == extensions.POLL_WRITE)
            select.select(readable, writable, [])
    except KeyboardInterrupt:
        with suppress(psycopg2.Error):
            connection.cancel()
        raise


class Bounds:
    """Cancels what a session does when a statement takes too long or the database outgrows `room` bytes.

    The session's own settings would not do: a dump's first lines set them.
    """

    def __init__(self, database: Database, session: Any, room: int) -> None:
        self._database, self._session, self._most = database, session, room + SLACK
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._reason = ""

    def __enter__(self) -> "Bounds":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def statement(self) -> None:
        """A statement begins. Raises SnapshotError when the one before it went out of bounds."""
        self._began = time.monotonic()
        if self._reason:
            raise SnapshotError(self._reason)

    def _look(self) -> None:
        with suppress(psycopg2.Error):
            connection = psycopg2.connect(self._database.driver_dsn())
            connection.autocommit = True
            with connection.cursor() as cursor:
                while not self._over.wait(LOOK_SECONDS):
                    cursor.execute(SIZE)
                    if cursor.fetchone()[0] > self._most:
                        self._reason = "The snapshot grows without end as it is restored. Look at what is in it."
                    elif time.monotonic() - self._began > STATEMENT_SECONDS:
                        self._reason = "A statement of the snapshot does not end. Look at what is in it."
                    if self._reason:
                        self._session.cancel()
            connection.close()
