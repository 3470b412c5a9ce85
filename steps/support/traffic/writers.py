"""Sessions that add rows to a table all the time, and note what became of each write."""

import threading
import time

import psycopg2

from steps.support.postgres.database import Database
from steps.support.subject import Subject
from steps.support.waiting import wait_until

NAME = "writer"  # of its sessions
COUNT = 8
EACH_SECONDS = 0.01
MOST = 1_000_000  # writes of a session, so that each has a number of its own
TENANTS = 5


class Writers:
    """Eight sessions that insert rows, some hundred a second in all, until they leave.

    `written` has the key of every row whose insert was confirmed; `failures` the SQLSTATE and message of every one
    that was not; `waits` pairs (when it began, how long it took) in seconds, on the monotonic clock.
    """

    def __init__(self, database: Database, subject: Subject) -> None:
        self._database = database
        self._insert = subject.insert
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,), daemon=True) for number in range(COUNT)]
        self.written: list[object] = []
        self.failures: list[str] = []
        self.waits: list[tuple[float, float]] = []

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        wait_until(lambda: len(self.written) >= len(self._threads) or bool(self.failures), "the first writes")
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Finish the write at hand, each, and go."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        try:
            connection = psycopg2.connect(self._database.driver_dsn(), application_name=NAME)
        except psycopg2.Error as error:
            self.failures.append(f"sin conexión: {str(error).strip()}")
            return
        connection.autocommit = True
        with connection.cursor() as cursor:
            turn = 0
            while not self._stop.wait(EACH_SECONDS):
                turn += 1
                began = time.monotonic()
                try:
                    values = {"tenant": number % TENANTS + 1, "number": number * MOST + turn}
                    cursor.execute(self._insert, values)
                    self.written += cursor.fetchone() or [None]
                except psycopg2.Error as error:
                    self.failures.append(f"{error.pgcode or 'sin conexión'}: {error.diag.message_primary or ''}")
                    break
                finally:
                    self.waits.append((began, time.monotonic() - began))
        connection.close()
