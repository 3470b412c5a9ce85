"""The databases of scenarios: each a copy of a template, made before it is asked for, and dropped beside later ones."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count

from sqlalchemy.exc import DBAPIError

from steps.support.postgres import statement_log
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool


class Copies:
    """Numbered databases of a pool, and a thread that copies and drops them while scenarios run.

    `ahead` is whether there is room for copies that nobody may ask for.
    """

    def __init__(self, pool: Pool, *, ahead: bool) -> None:
        self._pool = pool
        self._ahead = ahead
        self._going: list[Database] = []
        self._numbers = count(1)
        self._worker = ThreadPoolExecutor(1, "databases", initializer=statement_log.leave_out_this_thread)
        self._asked: dict[Database, int] = {}
        self._ready: dict[Database, Future[Database]] = {}
        self._changed: dict[tuple[str, Database], Database] = {}

    def template(self, database: Database) -> Database:
        """The database, which from now on never changes."""
        self._asked.setdefault(database, 0)
        return database

    def new(self, source: Database | None) -> Database:
        """A copy of `source`, an empty database without; a template that was asked for twice has its next one made."""
        if not source:
            return self._pool.create(self._name())
        spare = self._ready.pop(source, None)
        if self._ahead and source in self._asked:
            self._asked[source] += 1
            if self._asked[source] > 1:
                self._ready[source] = self._worker.submit(self._copy, source)
        if spare:
            with suppress(DBAPIError):  # it is copied now, and says so if it cannot be
                return spare.result()
        return self._copy(source)

    def changed(self, name: str, base: Database, change: Callable[[Database], None]) -> Database:
        """The template `name`: a copy of another one after a change, made when first asked for."""
        if (name, base) not in self._changed:
            database = self._copy(base)
            change(database)
            self._changed[name, base] = self.template(database)
        return self._changed[name, base]

    def drop(self, databases: Sequence[Database]) -> None:
        """Drop them some time soon, together where that pays; what cannot be is left to the end."""
        self._going += databases
        if len(self._going) >= self._pool.together or not self._ahead:
            self._worker.submit(self._pool.drop_together, tuple(self._going))
            self._going.clear()

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._worker.shutdown(cancel_futures=True)

    def _copy(self, source: Database) -> Database:
        return self._pool.clone(source, self._name())

    def _name(self) -> str:
        return f"{next(self._numbers):04d}"
