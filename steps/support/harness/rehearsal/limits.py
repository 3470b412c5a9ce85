"""Bounds what a database session may take: it ends where it runs or grows without end."""

import threading
import time
from contextlib import closing, suppress
from typing import Any

import psycopg2

from steps.support.harness.databases.database import Database
from steps.support.harness.errors import SnapshotError
from steps.support.harness.interrupts import expect_none

STATEMENT_SECONDS = 3600.0
SLACK = 2 << 30  # bytes
LOOK_SECONDS = 1.0
SIZE = "SELECT pg_database_size(current_database())"


class Bounds:
    """Cancels what a session does when it takes too long, or when the database outgrows `room` bytes.

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
        expect_none()

    def statement(self) -> None:
        """A statement begins. Raises SnapshotError when the one before it went out of bounds."""
        self._began = time.monotonic()
        expect_none()
        if self._reason:
            raise SnapshotError(self._reason)

    def _look(self) -> None:
        with suppress(psycopg2.Error), closing(psycopg2.connect(self._database.driver_dsn())) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while not self._over.wait(LOOK_SECONDS):
                cursor.execute(SIZE)
                if sum(size for (size,) in cursor.fetchall()) > self._most:
                    self._reason = "The snapshot grows without end as it is restored. Look at what is in it."
                elif time.monotonic() - self._began > STATEMENT_SECONDS:
                    self._reason = "A statement of the snapshot does not end. Look at what is in it."
                if self._reason:
                    self._session.cancel()
