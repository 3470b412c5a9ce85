"""Bounds what a restore may take: it ends where it runs or grows without end."""

import threading
from collections.abc import Callable
from contextlib import closing, suppress

import psycopg2

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database

STATEMENT_SECONDS = 3600
SLACK = 2 << 30  # bytes
LOOK_SECONDS = 1.0
LOOK = """
SELECT pg_database_size(current_database()), coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)
FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
"""


class Bounds:
    """Watches a database, calls `stop` when a statement takes too long or it outgrows `room` bytes, and says why.

    The session's own settings would not do: a dump's first lines set them.
    """

    def __init__(self, database: Database, room: int, stop: Callable[[], None]) -> None:
        self.reasons: list[SnapshotError] = []
        self._database, self._most, self._stop = database, room + SLACK, stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Bounds":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with suppress(psycopg2.Error), closing(psycopg2.connect(self._database.driver_dsn())) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while not (self._over.wait(LOOK_SECONDS) or self.reasons):
                cursor.execute(LOOK)
                for size, seconds in cursor.fetchall():
                    if size > self._most:
                        self._end("The snapshot grows without end as it is restored. Look at what is in it.")
                    elif seconds > STATEMENT_SECONDS:
                        self._end("A statement of the snapshot does not end. Look at what is in it.")

    def _end(self, why: str) -> None:
        self.reasons.append(SnapshotError(why))
        self._stop()
        self._database.cancel_queries()  # psql, ended, leaves its query there
