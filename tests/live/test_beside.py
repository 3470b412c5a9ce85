"""What goes on beside the migration: nobody fails, nobody queues behind it, and who is in the way is named."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.watch import Watch
from steps.support.traffic.writers import Writers
from tests.background import autovacuum, overlapping

MANY = (
    "INSERT INTO patients (tenant_id, phone_number, first_name, notes) "
    "SELECT 1, 'v' || i, 'v', repeat('x', 500) FROM generate_series(1, 20000) i"
)
HELD = [kind for kind in KINDS if not KINDS[kind].prepared]


def migrated(database: Database) -> bool:
    return {
        name: column for name, column in read(database, META_ADS.relation).items() if name in META_ADS.columns
    } == META_ADS.columns


@pytest.mark.parametrize("kind", KINDS)
def test_it_asks_for_nothing_while_somebody_holds_the_table(kind: str, database: Database) -> None:
    with Watch(database, META_ADS.relation) as watch, Blocker(database, META_ADS, KINDS[kind]) as blocker:
        run = Run(database, META_ADS.script)
        watch.wait_for_looks(100, "the migration")
        assert watch.requested == set()
        blocker.leave()
        outcome = run.outcome()
    assert outcome.succeeded, outcome.error()
    assert migrated(database)


@pytest.mark.parametrize("kind", KINDS)
def test_who_never_leaves_is_named_and_nothing_is_changed(kind: str, database: Database) -> None:
    with Writers(database, META_ADS) as writers, Blocker(database, META_ADS, KINDS[kind]):
        outcome = run_file(database, META_ADS.script, {"migration.deadline": "1s"})
    assert outcome.sqlstate == "55P03"
    assert KINDS[kind].named in outcome.detail
    assert re.search(r", pid \d+, application blocker, \d+\.\d s", outcome.detail) or KINDS[kind].prepared, (
        outcome.detail
    )
    assert "SELECT" not in outcome.error()
    assert "UPDATE" not in outcome.error()
    assert outcome.hint
    assert writers.failures == []
    assert not set(META_ADS.columns) & set(read(database, META_ADS.relation))


@pytest.mark.parametrize("kind", HELD)
def test_a_role_that_sees_little_is_as_careful(kind: str, owner: Database, database: Database) -> None:
    with Watch(database, META_ADS.relation) as watch, Blocker(database, META_ADS, KINDS[kind]) as blocker:
        outcome = run_file(owner, META_ADS.script, {"migration.deadline": "1s"})
        assert outcome.sqlstate == "55P03", outcome.notices
        assert "pid" in outcome.detail
        assert watch.requested == set()
        blocker.leave()
        assert run_file(owner, META_ADS.script).succeeded
    assert migrated(database)


def test_it_gets_through_transactions_that_never_stop_overlapping(database: Database) -> None:
    with Writers(database, META_ADS) as writers, overlapping(database, META_ADS):
        outcome = run_file(database, META_ADS.script)
    assert outcome.succeeded, outcome.error()
    assert writers.failures == []
    assert migrated(database)


def test_it_gets_past_an_ordinary_autovacuum(database: Database) -> None:
    with vacuumed(database):
        outcome = run_file(database, META_ADS.script, {"migration.deadline": "20s"})
    assert outcome.succeeded, outcome.error()


def test_a_role_that_cannot_get_past_an_autovacuum_names_it(owner: Database, database: Database) -> None:
    with vacuumed(database), Writers(database, META_ADS) as writers:
        outcome = run_file(owner, META_ADS.script, {"migration.deadline": "2s"})
    assert outcome.sqlstate == "55P03", outcome.notices
    assert "autovacuum, pid" in outcome.detail
    assert writers.failures == []


def test_a_role_gets_past_an_autovacuum_only_if_it_sees_which_one_it_is(
    server: Server, owner: Database, database: Database
) -> None:
    if server.major < 15:
        pytest.skip(f"on Postgres {server.major} only a superuser may set deadlock_timeout")
    role = owner.url.username
    with vacuumed(database), database.connect() as connection:
        connection.exec_driver_sql(f"GRANT SET ON PARAMETER deadlock_timeout TO {role}")
        outcome = run_file(owner, META_ADS.script, {"migration.deadline": "2s"})
        assert outcome.sqlstate == "55P03", outcome.notices
        assert "unseen autovacuum, pid" in outcome.detail
        assert "pg_read_all_stats" in outcome.hint
        connection.exec_driver_sql(f"GRANT pg_read_all_stats TO {role}")
        outcome = run_file(owner, META_ADS.script, {"migration.deadline": "20s"})
        assert outcome.succeeded, outcome.error()


def test_an_autovacuum_against_wraparound_is_waited_for_and_named(database: Database) -> None:
    with vacuumed(database, against_wraparound=True), Watch(database, META_ADS.relation) as watch:
        outcome = run_file(database, META_ADS.script, {"migration.deadline": "2s"})
        assert outcome.sqlstate == "55P03", outcome.notices
        assert "anti-wraparound autovacuum, pid" in outcome.detail
        assert watch.looks


@contextmanager
def vacuumed(database: Database, *, against_wraparound: bool = False) -> Iterator[None]:
    """An autovacuum at work on more patients than the seeds have."""
    with database.connect() as connection:
        connection.exec_driver_sql(MANY)
    with autovacuum(database, META_ADS, against_wraparound=against_wraparound):
        yield
