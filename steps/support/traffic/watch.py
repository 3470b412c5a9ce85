"""Watches the locks on tables while a migration runs, from a session that takes none."""

import threading
import time
from collections.abc import Callable

import psycopg2

from steps.support.postgres.database import Database
from steps.support.postgres.locks import STRONG, family
from steps.support.traffic import blockers, writers
from steps.support.waiting import LOOK_SECONDS, wait_until

NAME = "watch"
LOOKS = 150  # about a second: enough looks prove that the script had time to queue
# Application names of the suite's own sessions: every other client is the migration.
BESIDE = [NAME, writers.NAME, blockers.NAME]
# A script may call its session what it likes. Server processes such as autovacuum are no clients.
LOOK = """
SELECT a.pid, l.mode, l.granted
FROM pg_stat_activity a
LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'relation' AND l.database = a.datid
                    AND l.relation IN (SELECT oid FROM family)
WHERE a.datname = current_database() AND a.backend_type = 'client backend'
  AND a.application_name <> ALL (%(beside)s)
"""


class Watch:
    """Looks every few milliseconds at who has, or waits for, a lock on some tables or on parts of them.

    From `with` on, when it has looked once, until its end:
    `requested` is every mode a migration had or waited for, `strong` those of them that keep writers out;
    `held` the longest time, in seconds, that one session had a strong one; `gap` the longest time between two looks:
    a lock may have been held that much longer;
    `looks` how often a migration was seen connected: by it a scenario knows it had the chance to misbehave;
    `sessions` the process ids of those connected at the last look.

    A watch that fails must not look like one that saw nothing: to ask it raises its error.
    """

    def __init__(self, database: Database, *relations: str) -> None:
        self._dsn = database.driver_dsn()
        self._look = family(*relations) + LOOK
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._error: Exception | None = None
        self._since: dict[int, float] = {}  # when a session was first seen with a strong lock
        self._looked = 0.0
        self.looks = 0
        self.requested: set[str] = set()
        self.sessions: set[int] = set()
        self.held = 0.0
        self.gap = LOOK_SECONDS

    def __enter__(self) -> "Watch":
        self._thread.start()
        self._wait_until(lambda: self._looked > 0, "the first look at the locks")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if not kind:
            self._expect_alive()

    @property
    def strong(self) -> set[str]:
        """The modes a migration had or waited for that keep writers out."""
        self._expect_alive()
        return {mode for mode in self.requested if mode.startswith(STRONG)}

    def end_sessions(self) -> None:
        """End every migration that is connected, and wait until it is gone.

        On the server: a session that waits for a lock outlives its client, and would have its way later.
        """
        connection = psycopg2.connect(self._dsn, application_name=NAME)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for pid in self.sessions:
                cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
        connection.close()
        self._wait_until(lambda: not self.sessions, "the end of the migration's session")

    def _wait_until(self, holds: Callable[[], bool], what: str) -> None:
        wait_until(lambda: bool(self._error) or holds(), what)
        self._expect_alive()

    def _expect_alive(self) -> None:
        if self._error:
            raise RuntimeError("the locks on the table were not watched to the end") from self._error

    def _watch(self) -> None:
        try:
            connection = psycopg2.connect(self._dsn, application_name=NAME, options="-c search_path=")
            connection.autocommit = True
            with connection.cursor() as cursor:
                stopped = False
                while not stopped:
                    stopped = self._stop.wait(LOOK_SECONDS)  # and one look more: what came last was seen as well
                    cursor.execute(self._look, {"beside": BESIDE})
                    self._note(cursor.fetchall())
            connection.close()
        except Exception as error:
            self._error = error

    def _note(self, found: list[tuple[int, str | None, bool]]) -> None:
        now = time.monotonic()
        self.gap = max(self.gap, now - (self._looked or now))
        self.sessions = {pid for pid, _, _ in found}
        self.looks += bool(found)
        self.requested |= {mode + ("" if granted else " (en espera)") for _, mode, granted in found if mode}
        holding = {pid for pid, mode, granted in found if granted and mode in STRONG}
        self._since = {pid: self._since.get(pid, now) for pid in holding}
        self.held = max([self.held, *(now - start for start in self._since.values())])
        self._looked = now
