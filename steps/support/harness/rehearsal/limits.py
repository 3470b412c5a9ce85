"""Bounds what a database session may take: it ends at Ctrl-C, and where it runs or grows without end."""

import logging
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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
    # The driver closes a connection that was interrupted, and the pool would tell so with a traceback.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
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
    """Cancels what a session does at Ctrl-C, when it takes too long, or when the database outgrows `room` bytes.

    The session's own settings would not do: a dump's first lines set them. Nor would Python's own way with signals:
    it waits for the driver to come back from a COPY.
    """

    def __init__(self, database: Database, session: Any, room: int) -> None:
        self._database, self._session, self._most = database, session, room + SLACK
        self._began = time.monotonic()
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._reason = ""
        self._interrupted = False

    def __enter__(self) -> "Bounds":
        self._before = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._before)
        self._waker.close()  # its end is the thread's
        self._thread.join()
        self._woken.close()
        if self._interrupted:
            raise KeyboardInterrupt

    def statement(self) -> None:
        """A statement begins. Raises SnapshotError when the one before it went out of bounds.

        And KeyboardInterrupt after Ctrl-C: where the driver was just reading a message, it swallows Python's.
        """
        self._began = time.monotonic()
        if self._interrupted:
            raise KeyboardInterrupt
        if self._reason:
            raise SnapshotError(self._reason)

    def _look(self) -> None:
        with suppress(psycopg2.Error), closing(psycopg2.connect(self._database.driver_dsn())) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while True:
                if select.select([self._woken], [], [], LOOK_SECONDS)[0]:
                    signals = self._woken.recv(64)
                    if not signals:
                        return
                    if set(signals) & {signal.SIGINT, signal.SIGTERM}:
                        self._interrupted = True
                        self._session.cancel()
                cursor.execute(SIZE)
                if sum(size for (size,) in cursor.fetchall()) > self._most:
                    self._reason = "The snapshot grows without end as it is restored. Look at what is in it."
                elif time.monotonic() - self._began > STATEMENT_SECONDS:
                    self._reason = "A statement of the snapshot does not end. Look at what is in it."
                if self._reason:
                    self._session.cancel()
