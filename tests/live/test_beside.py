"""What goes on beside the migration: nobody fails, nobody queues behind it, and who is in the way is named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest

from steps.support.columns import SPECIFIED, read
from steps.support.databases.database import Database
from steps.support.live.holders import KINDS, Holder
from steps.support.live.patience import wait_until
from steps.support.live.watch import Watch
from steps.support.live.writers import Writers
from steps.support.options import SCRIPT
from steps.support.psql import Run, run_file
from tests.live.shapes import rows

OVERLAP = 0.3
HELD = [kind for kind in KINDS if not KINDS[kind].prepared]


def migrated(database: Database) -> bool:
    return {name: column for name, column in read(database).items() if name in SPECIFIED} == SPECIFIED


@pytest.mark.parametrize("kind", KINDS)
def test_it_asks_for_nothing_while_somebody_holds_the_table(kind: str, database: Database) -> None:
    with Watch(database) as watch, Holder(database, KINDS[kind]) as holder:
        run = Run(database, SCRIPT)
        watch.wait_for_looks(100, "the migration")
        assert watch.requested == set()
        holder.leave()
        outcome = run.outcome()
    assert outcome.succeeded, outcome.error()
    assert migrated(database)


@pytest.mark.parametrize("kind", KINDS)
def test_who_never_leaves_is_named_and_nothing_is_changed(kind: str, database: Database) -> None:
    with Writers(database) as writers, Holder(database, KINDS[kind]):
        outcome = run_file(database, SCRIPT, {"migration.deadline": "1s"})
    assert outcome.sqlstate == "55P03"
    assert KINDS[kind].named in outcome.detail
    assert "pid" in outcome.detail or KINDS[kind].prepared
    assert "SELECT" not in outcome.error()
    assert "UPDATE" not in outcome.error()
    assert outcome.hint
    assert writers.failures == []
    assert not set(SPECIFIED) & set(read(database))


@pytest.mark.parametrize("kind", HELD)
def test_a_role_that_sees_little_is_as_careful(kind: str, owner: Database, database: Database) -> None:
    with Watch(database) as watch, Holder(database, KINDS[kind]) as holder:
        outcome = run_file(owner, SCRIPT, {"migration.deadline": "1s"})
        assert outcome.sqlstate == "55P03", outcome.notices
        assert "pid" in outcome.detail
        assert watch.requested == set()
        holder.leave()
        assert run_file(owner, SCRIPT).succeeded
    assert migrated(database)


def test_it_gets_through_transactions_that_never_stop_overlapping(database: Database) -> None:
    with Writers(database) as writers, overlapping(database):
        outcome = run_file(database, SCRIPT)
    assert outcome.succeeded, outcome.error()
    assert writers.failures == []
    assert migrated(database)


def test_it_gets_past_an_ordinary_autovacuum(database: Database) -> None:
    with autovacuum(database):
        outcome = run_file(database, SCRIPT, {"migration.deadline": "20s"})
    assert outcome.succeeded, outcome.error()


def test_a_role_that_cannot_get_past_an_autovacuum_names_it(owner: Database, database: Database) -> None:
    with autovacuum(database), Writers(database) as writers:
        outcome = run_file(owner, SCRIPT, {"migration.deadline": "2s"})
    assert outcome.sqlstate == "55P03", outcome.notices
    assert "autovacuum, pid" in outcome.detail
    assert writers.failures == []


def test_an_autovacuum_against_wraparound_is_waited_for_and_named(database: Database) -> None:
    with autovacuum(database, against_wraparound=True), Watch(database) as watch:
        outcome = run_file(database, SCRIPT, {"migration.deadline": "2s"})
        assert outcome.sqlstate == "55P03", outcome.notices
        assert "anti-wraparound autovacuum, pid" in outcome.detail
        assert watch.looks


@contextmanager
def overlapping(database: Database) -> Iterator[None]:
    stop = threading.Event()

    def work(turn: int) -> None:
        connection = psycopg2.connect(database.driver_dsn())
        stop.wait(turn * OVERLAP / 3)
        while not stop.is_set():
            connection.cursor().execute("SELECT id FROM patients LIMIT 1")
            stop.wait(OVERLAP)
            connection.rollback()
        connection.close()

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def autovacuum(database: Database, *, against_wraparound: bool = False) -> Iterator[None]:
    """A slow autovacuum at work on patients for as long as the block lasts."""
    text = "LIKE" if against_wraparound else "NOT LIKE"
    at_work = (
        "SELECT 1 FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) JOIN pg_locks l USING (pid) "
        f"WHERE l.relation = 'patients'::regclass AND query {text} '%wraparound%'"
    )
    with database.connect() as connection:

        def run(statement: str) -> None:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

        run("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        run("SELECT pg_reload_conf()")
        slow = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
        run("INSERT INTO patients (tenant_id, phone_number, first_name, notes) "
            "SELECT 1, 'v' || i, 'v', repeat('x', 500) FROM generate_series(1, 20000) i")  # fmt: skip
        if against_wraparound:
            run(f"ALTER TABLE patients SET ({slow}, autovacuum_enabled = off)")
            run("DO $$ BEGIN FOR i IN 1..110000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$")
            run("ALTER TABLE patients SET (autovacuum_freeze_max_age = 100000)")
        else:
            threshold = "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0"
            run(f"ALTER TABLE patients SET ({slow}, {threshold})")
            run("UPDATE patients SET notes = notes || '.'")
        try:
            wait_until(lambda: bool(rows(database, at_work)), "an autovacuum of patients")
            yield
        finally:
            run("ALTER SYSTEM RESET autovacuum_naptime")
            run("SELECT pg_reload_conf()")
