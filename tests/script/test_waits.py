"""What goes on beside the migration: no session queues behind it, and who is in the way is named."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.watch import Watch
from steps.support.traffic.writers import Writers
from steps.support.waiting import wait_until
from tests.background import autovacuum, overlapping
from tests.script.shapes import ALL_FIVE, DOWN, PARTITIONED, PLAIN, UP, build, five, refused, rows, wait_until_seen

MANY = (
    "INSERT INTO patients (tenant_id, phone_number, first_name, notes) "
    "SELECT 1, 'v' || i, 'v', repeat('x', 500) FROM generate_series(1, 20000) i"
)
ONE_SECOND = {"migration.deadline": "1s"}
IDLE = KINDS["una sesión olvidada"]


def test_it_asks_for_nothing_while_a_session_holds_the_table_and_then_it_is_done(
    owner: Database, database: Database
) -> None:
    """As a role that sees little of other sessions."""
    with Watch(database, META_ADS.relation) as watch, Blocker(database, META_ADS, IDLE) as blocker:
        run = Run(owner, UP)
        wait_until(lambda: watch.looks >= 100, "the migration")
        assert watch.strong == set()
        blocker.leave()
        outcome = run.outcome()
    assert outcome.succeeded, outcome.error()
    assert five(database) == META_ADS.columns


@pytest.mark.parametrize("kind", KINDS)
def test_a_holder_that_never_leaves_is_named_and_nothing_is_changed(kind: str, database: Database) -> None:
    with Writers(database, META_ADS) as writers, Blocker(database, META_ADS, KINDS[kind]):
        outcome = run_file(database, UP, ONE_SECOND)
    refused(outcome, "55P03", KINDS[kind].named)
    named = re.search(r", pid \d+, application blocker, for \d\d:\d\d:\d\d", outcome.detail)
    assert named or KINDS[kind].prepared, outcome.detail
    assert not re.search("SELECT|UPDATE", outcome.error())
    assert writers.failures == []
    assert five(database) == {}


def test_it_says_now_and_then_what_it_waits_for(database: Database) -> None:
    with Blocker(database, META_ADS, IDLE):
        outcome = run_file(database, UP, {"migration.deadline": "6s"})
    assert [notice for notice in outcome.notices if "waiting for idle in transaction, pid" in notice], outcome.notices


def test_it_gets_through_transactions_that_never_stop_overlapping(database: Database) -> None:
    with Writers(database, META_ADS) as writers, overlapping(database, META_ADS):
        outcome = run_file(database, UP)
    assert outcome.succeeded, outcome.error()
    assert writers.failures == []


@contextmanager
def vacuumed(database: Database, *, against_wraparound: bool = False) -> Iterator[None]:
    build(database, MANY)
    with autovacuum(database, META_ADS, against_wraparound=against_wraparound):
        yield


def test_it_gets_past_an_ordinary_autovacuum(database: Database) -> None:
    with vacuumed(database):
        outcome = run_file(database, UP, {"migration.deadline": "20s"})
    assert outcome.succeeded, outcome.error()


def test_an_autovacuum_it_cannot_get_past_is_named(owner: Database, database: Database) -> None:
    with vacuumed(database), Writers(database, META_ADS) as writers:
        refused(run_file(owner, UP, ONE_SECOND), "55P03", "autovacuum, pid")
    assert writers.failures == []


def test_an_autovacuum_against_wraparound_is_waited_for_and_named(database: Database) -> None:
    with vacuumed(database, against_wraparound=True), Watch(database, META_ADS.relation) as watch:
        refused(run_file(database, UP, ONE_SECOND), "55P03", "autovacuum (to prevent wraparound), pid")
        assert watch.strong == set()


def test_a_holder_of_a_partition_is_in_the_way_and_other_locks_are_not(empty_database: Database) -> None:
    build(empty_database, *PARTITIONED)
    connection = psycopg2.connect(empty_database.driver_dsn(), application_name="report on p2a")
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE p2a IN ACCESS SHARE MODE")
    refused(run_file(empty_database, UP, ONE_SECOND), "55P03", "report on p2a")
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK; SELECT pg_advisory_xact_lock(42)")
    assert run_file(empty_database, UP).succeeded
    connection.close()


def test_another_run_is_waited_for_and_named(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    connection = psycopg2.connect(empty_database.driver_dsn())
    connection.cursor().execute("SELECT pg_advisory_xact_lock(20010101, 'patients'::regclass::oid::int)")
    refused(run_file(empty_database, UP, ONE_SECOND), "55P03", "another migration")
    connection.close()


# Each holds the table and waits for our snapshot, as soon as the reader before it is gone: (before it, what it runs).
WAITS_FOR_US = {
    "CREATE INDEX": (PLAIN, "CREATE INDEX CONCURRENTLY i ON patients (full_name)"),
    "REINDEX": ((*PLAIN, "CREATE INDEX i ON patients (full_name)"), "REINDEX INDEX CONCURRENTLY i"),
    "DROP INDEX": ((*PLAIN, "CREATE INDEX i ON patients (full_name)"), "DROP INDEX CONCURRENTLY i"),
    "DETACH PARTITION": (PARTITIONED, "ALTER TABLE patients DETACH PARTITION p1 CONCURRENTLY"),
}

THERE = """
SELECT 1 FROM pg_stat_activity a WHERE query LIKE '%CONCURRENTLY%' AND datname = current_database() AND (
  wait_event_type = 'Lock' OR EXISTS (
    SELECT FROM pg_locks l WHERE l.pid = a.pid AND relation = 'patients'::regclass AND granted))
"""


@pytest.mark.parametrize("kind", WAITS_FOR_US)
def test_a_holder_that_waits_for_us_ends_us_at_once(kind: str, empty_database: Database) -> None:
    setup, statement = WAITS_FOR_US[kind]
    build(empty_database, *setup)
    if kind.startswith("DETACH") and rows(empty_database, "SHOW server_version_num") < [("140000",)]:
        pytest.skip("DETACH PARTITION CONCURRENTLY came with Postgres 14")
    other = threading.Thread(target=build, args=(empty_database, statement))
    with Blocker(empty_database, META_ADS, IDLE) as blocker:
        run = Run(empty_database, UP, {"migration.deadline": "30s"})
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        other.start()
        detaches = kind == "DETACH PARTITION"  # between its two transactions it holds nothing, and may not be overtaken
        wait_until(lambda: run.ended or (not detaches and bool(rows(empty_database, THERE))), "the other session")
        blocker.leave()
        outcome = run.outcome()
        other.join(20)
    assert not other.is_alive(), "it still waits for a migration that has ended"
    assert outcome.seconds < 20, "it stood still until its deadline"
    if outcome.succeeded:  # it needs no snapshot of ours: both are done
        assert kind == "DROP INDEX"
    else:
        refused(outcome, "55P03", "is being detached" if detaches else "that holds public.patients waits for this one")
        assert run_file(empty_database, UP).succeeded


def test_a_lock_of_the_callers_own_transaction_that_a_holder_waits_for_ends_us_at_once(
    empty_database: Database,
) -> None:
    build(empty_database, *PLAIN)
    update = "UPDATE patients SET full_name = 'w' WHERE id = 1"
    connection = psycopg2.connect(empty_database.driver_dsn())
    other = threading.Thread(target=build, args=(empty_database, update))
    with connection.cursor() as cursor:
        cursor.execute(update)
        other.start()
        wait_until_seen(empty_database, "wait_event_type = 'Lock'")
        with pytest.raises(psycopg2.errors.LockNotAvailable, match="waits for this one"):
            cursor.execute(UP.read_text(encoding="utf-8"))
    connection.close()
    other.join(20)
    assert not other.is_alive()


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_the_way_back_tries_rests_and_gives_up(shape: tuple[str, ...], empty_database: Database) -> None:
    build(empty_database, *shape, ALL_FIVE)
    with Blocker(empty_database, META_ADS, IDLE) as blocker:
        refused(run_file(empty_database, DOWN, ONE_SECOND), "55P03", "public.patients was not free within 00:00:01")
        held = rows(empty_database, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted")
        assert held == [(0,)]
        assert five(empty_database) == META_ADS.columns
        run = Run(empty_database, DOWN)
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        blocker.leave()
        assert run.outcome().succeeded
    assert five(empty_database) == {}
