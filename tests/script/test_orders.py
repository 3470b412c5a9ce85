"""In whatever order sessions begin, hold, leave and die beside it, the migration keeps its word.

As Postgres's isolation tester does: sessions of steps, in orders that keep each session's own. The next step begins
when a migration waits; no step of another session may hang on it. ORDERS=SEED: many.
"""

import os
import random
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psycopg2
import pytest
from psycopg2.errorcodes import ADMIN_SHUTDOWN, lookup

from steps.support.postgres.database import Database, Pool
from steps.support.product import META_ADS
from steps.support.waiting import wait_until
from tests.script.shapes import PARTITIONED, PLAIN, build, five, rows
from tests.script.test_many_runners import LEFT

RUN, DIE, END = "run", "die", "COMMIT"
READ = "BEGIN; SELECT count(*) FROM patients"
SESSIONS = {
    "old reader": (READ, END),
    "second reader": (READ, DIE),
    "vacuum": ("BEGIN; LOCK TABLE patients IN SHARE UPDATE EXCLUSIVE MODE", END),  # the lock it has
    "writer": (
        "UPDATE patients SET full_name = 'w' WHERE id = 1",
        "INSERT INTO patients (id, tenant_id) VALUES (-1, 1)",
    ),
    "runner": (RUN,),
    "second runner": (RUN,),
    "dying runner": (RUN, DIE),
}
KILLED = ("dying runner", ADMIN_SHUTDOWN)
FEW, MANY = 10, 200
LONG = os.environ.get("ORDERS")
WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = {} AND (wait_event = 'PgSleep' OR wait_event_type = 'Lock')"
ALTERS = (
    "SELECT count(DISTINCT xmin::text) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname IN "
    + str(tuple(META_ADS.columns))
)
Order = tuple[str, ...]

# What is planted in the script, in the place of what.
FAULTS = {
    "it queues behind a holder, without a limit": {
        "IF admitted AND old_holders IS NULL AND": "IF admitted AND",
        "greatest(1, 1000 * extract(epoch FROM looked_at + patience - clock_timestamp()))::integer": "50000",
    },
    "it holds a lock while it waits": {
        "PERFORM pg_stat_clear_snapshot();": "LOCK public.patients IN SHARE ROW EXCLUSIVE MODE NOWAIT;"
    },
    "its advisory lock outlives it": {"pg_try_advisory_xact_lock": "pg_try_advisory_lock"},
}  # fmt: skip


class Session:
    """A connection whose steps are begun by the scheduler and go on beside it."""

    def __init__(self, database: Database, name: str) -> None:
        self.connection = psycopg2.connect(database.driver_dsn(), application_name=name)
        self.connection.autocommit = True
        self.pid = self.connection.info.backend_pid
        self._thread = ThreadPoolExecutor(1)

    def begin(self, sql: str) -> "Future[str]":
        """Begin a step; its result is the SQLSTATE it ends with, or what was said last."""
        return self._thread.submit(self._do, sql)

    def _do(self, sql: str) -> str:
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql)
        except psycopg2.Error as error:
            return error.pgcode or ADMIN_SHUTDOWN  # the connection is gone
        return self.connection.notices[-1] if self.connection.notices else ""

    def waits(self, database: Database, step: "Future[str]") -> bool:
        """Whether it waits, or the step is over."""
        return step.done() or bool(rows(database, WAITS.format(self.pid)))

    def leave(self) -> None:
        """End it, whatever it does."""
        self._thread.shutdown()
        self.connection.close()


@contextmanager
def sessions(database: Database) -> Iterator[dict[str, Session]]:
    there = {name: Session(database, name) for name in SESSIONS}
    try:
        yield there
    finally:
        with database.connect() as connection:  # who still waits would keep its thread
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(unnest('{{{','.join(str(s.pid) for s in there.values())}}}'::int[]))"
            )
        for session in there.values():
            session.leave()


def orders(chance: random.Random, count: int) -> list[Order]:
    """Some orders of all steps, each told by whose turn it is."""
    turns = [name for name, steps in SESSIONS.items() for _ in steps]
    return [tuple(chance.sample(turns, len(turns))) for _ in range(count)]


def floor(database: Database) -> float:
    """The longest a step takes here, in seconds, where there is no migration."""
    session, took = Session(database, "floor"), []
    for step in [READ, END, SESSIONS["writer"][0]] * 5:
        began = time.monotonic()
        session.begin(step).result()
        took.append(time.monotonic() - began)
    session.leave()
    return max(took)


def wrong(database: Database, order: Order, script: str, limit: float) -> str:
    """What goes wrong when the steps are begun in this order; empty when nothing does."""
    runs: dict[str, Future[str]] = {}
    with sessions(database) as there:
        steps = {name: iter(step) for name, step in SESSIONS.items()}
        for turn in order:
            step = next(steps[turn])
            if step == RUN:
                runs[turn] = there[turn].begin(script)
                wait_until(partial(there[turn].waits, database, runs[turn]), f"the wait or the end of the {turn}")
            elif step == DIE:
                rows(database, f"SELECT pg_terminate_backend({there[turn].pid})")
            else:
                try:
                    there[turn].begin(step).result(limit)
                except TimeoutError:
                    return f"the {turn} waits for longer than {limit:.1f} s"
        ends = {name: run.result(60) for name, run in runs.items()}
        for name, end in ends.items():
            if "patients: " not in end and (name, end) != KILLED:
                return f"the {name} ends with {end} {lookup(end)}"
        if rows(database, LEFT) != [(0,)]:
            return "a lock is left"
    done = sum("patients: ran" in end for end in ends.values())
    if done > 1 or (not done and KILLED not in ends.items()):  # who was killed may have done it
        return f"{done} runners did the work: {ends}"
    if five(database) != META_ADS.columns or rows(database, ALTERS) != [(1,)]:
        return f"not the columns as specified, by one ALTER: {five(database)}"
    return ""


def tried(pool: Pool, template: Database, script: str, chosen: list[Order]) -> None:
    """Fails at the first order in which something goes wrong."""
    for order in chosen:
        database = pool.clone(template, "order")
        try:
            problem = wrong(database, order, script, 10 * (META_ADS.max_stall + floor(database)))
        finally:
            pool.drop(database)
        assert not problem, f"{problem}, in the order: {', '.join(order)}"


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_in_whatever_order(shape: tuple[str, ...], pool: Pool, empty_database: Database) -> None:
    number = 0 if LONG is None else int(LONG or secrets.randbits(32))
    print(f"\nAgain by: ORDERS={number} pytest tests/script/test_orders.py")
    chosen = orders(random.Random(number), FEW if LONG is None else MANY)
    tried(pool, build(empty_database, *shape), META_ADS.script.read_text(encoding="utf-8"), chosen)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_script_is_found(fault: str, pool: Pool, empty_database: Database) -> None:
    sql = META_ADS.script.read_text(encoding="utf-8")
    for right, planted in FAULTS[fault].items():
        assert sql.count(right) == 1, right
        sql = sql.replace(right, planted)
    with pytest.raises(AssertionError, match="in the order") as found:
        tried(pool, build(empty_database, *PLAIN), sql, orders(random.Random(0), FEW))
    print(f"\n{fault}: {found.value}")
