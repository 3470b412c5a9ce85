"""Watches, from a session of its own, who holds the table patients."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from steps.support.databases.database import Database

EVERY = 0.005
# Modes that keep writers out; a script's reads do not count.
LOCKS = text("""
SELECT pid FROM pg_locks
WHERE granted AND locktype = 'relation' AND relation = :table AND pid <> ALL (:others)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
""")
TABLE = text("SELECT to_regclass('public.patients')::oid, pg_backend_pid()")


@dataclass
class Watched:
    """What was seen: `held` is the longest time, in seconds, that one session kept writers out of patients.

    `gap` is the longest time between two looks: it may have been as much longer.
    """

    held: float = 0.0
    gap: float = EVERY
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watching(database: Database, *but: int) -> Iterator[Watched]:
    """Watch the table while the block runs; sessions whose pids are in `but` do not count."""
    watched = Watched()
    thread = threading.Thread(target=_watch, args=(database, set(but), watched), daemon=True)
    thread.start()
    try:
        yield watched
    finally:
        watched.ended.set()
        thread.join()


def _watch(database: Database, but: set[int], watched: Watched) -> None:
    since: dict[int, float] = {}
    with database.connect() as connection:
        table, own = connection.execute(TABLE).one()
        others = [own, *but]
        looked = time.monotonic()
        while not watched.ended.wait(EVERY):
            found = connection.execute(LOCKS, {"table": table, "others": others}).scalars()
            now = time.monotonic()
            watched.gap, looked = max(watched.gap, now - looked), now
            since = {pid: since.get(pid, now) for pid in found}
            watched.held = max([watched.held, *(now - start for start in since.values())])
