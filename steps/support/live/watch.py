"""Watches the locks on patients while a migration runs, from a session that takes none."""

import threading

import psycopg2

from steps.support.databases.database import Database
from steps.support.live.patience import LOOK_SECONDS, wait_until
from steps.support.psql import APPLICATION

LOOK = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = %(ours)s),
       (SELECT array_agg(DISTINCT l.mode || CASE WHEN l.granted THEN '' ELSE ' (en espera)' END)
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE a.application_name = %(ours)s
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.locktype = 'relation' AND l.relation = to_regclass('public.patients'))
"""


class Watch:
    """Looks every few milliseconds; `requested` is every lock on patients a migration held or waited for so far.

    `looks` counts the looks at which a migration was connected: by it a scenario knows the migration has had
    the chance to misbehave.
    """

    def __init__(self, database: Database) -> None:
        self._dsn = database.driver_dsn()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.looks = 0
        self.requested: set[str] = set()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for_looks(self, count: int, what: str) -> None:
        """Wait until a migration has been seen `count` more times."""
        enough = self.looks + count
        wait_until(lambda: self.looks >= enough, what)

    def _watch(self) -> None:
        connection = psycopg2.connect(self._dsn, application_name="watch")
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._stop.wait(LOOK_SECONDS):
                cursor.execute(LOOK, {"ours": APPLICATION})
                row = cursor.fetchone()
                assert row
                connected, locks = row
                self.looks += bool(connected)
                self.requested.update(locks or [])
        connection.close()
