"""The watch sees every lock a migration has or waits for, on the table and on its parts, and nobody else's."""

import time
from pathlib import Path

import psycopg2
import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.product import META_ADS
from steps.support.traffic import watch as watching
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.watch import Watch
from steps.support.waiting import wait_until
from tests.script.shapes import PARTITIONED, build

pytestmark = pytest.mark.alone

LOCK = "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"
SLEEP = "PERFORM pg_sleep(1)"  # a watch on a busy machine looks in that time


def script(path: Path, *statements: str) -> Path:
    path.write_text("DO $$ BEGIN " + " ".join(f"{one};" for one in statements) + " END $$;")
    return path


def test_it_says_what_was_held_and_how_long(database: Database, tmp_path: Path) -> None:
    with Watch(database, META_ADS.relation) as watch:
        outcome = run_file(database, script(tmp_path / "a.sql", LOCK.format("patients"), SLEEP))
    assert watch.strong == {"AccessExclusiveLock"}
    assert 1 - 2 * watch.gap < watch.held <= outcome.seconds + watch.gap
    assert watch.looks


def test_a_lock_that_lets_writers_through_is_not_strong(database: Database, tmp_path: Path) -> None:
    with Watch(database, META_ADS.relation) as watch:
        run_file(database, script(tmp_path / "a.sql", "PERFORM 1 FROM patients", SLEEP))
    assert watch.requested == {"AccessShareLock"}
    assert (watch.strong, watch.held) == (set(), 0.0)


def test_a_partition_is_part_of_the_table(empty_database: Database, tmp_path: Path) -> None:
    build(empty_database, *PARTITIONED)
    with empty_database.connect() as connection:
        part = connection.exec_driver_sql("SELECT inhrelid::regclass::text FROM pg_inherits LIMIT 1").scalar_one()
    with Watch(empty_database, META_ADS.relation) as watch:
        run_file(empty_database, script(tmp_path / "a.sql", LOCK.format(part), SLEEP))
    assert watch.strong == {"AccessExclusiveLock"}
    assert watch.held > 0


def test_a_script_cannot_hide_by_another_name(database: Database, tmp_path: Path) -> None:
    hiding = "PERFORM set_config('application_name', 'nobody', true)"
    with Watch(database, META_ADS.relation) as watch:
        run_file(database, script(tmp_path / "a.sql", hiding, LOCK.format("patients"), SLEEP))
    assert watch.strong == {"AccessExclusiveLock"}


def test_the_company_of_a_migration_is_not_it(database: Database) -> None:
    with (
        Watch(database, META_ADS.relation) as watch,
        Blocker(database, META_ADS, KINDS["un mantenimiento que bloquea la tabla entera"]),
    ):
        held = time.monotonic()
        wait_until(lambda: watch._looked > held, "a look while it is held")
    assert (watch.requested, watch.looks) == (set(), 0)


def test_who_waits_in_the_queue_is_ended_on_the_server(database: Database, tmp_path: Path) -> None:
    waiting = script(tmp_path / "a.sql", "ALTER TABLE patients ADD meta_ad_id varchar")
    with Watch(database, META_ADS.relation) as watch, Blocker(database, META_ADS, KINDS["un informe largo"]):
        run = Run(database, waiting)
        wait_until(lambda: bool(watch.strong), "a request")
        watch.end_sessions()
        assert watch.strong == {"AccessExclusiveLock (en espera)"}
        assert not run.outcome(5).succeeded


def test_a_watch_that_failed_saw_nothing_and_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK", "SELECT 1 / 0")
    with pytest.raises(RuntimeError, match="not watched to the end") as raised, Watch(database, META_ADS.relation):
        pass
    assert isinstance(raised.value.__cause__, psycopg2.Error)


def test_a_blocker_that_has_hardly_begun_leaves(database: Database) -> None:
    with Blocker(database, META_ADS, KINDS["un informe largo"]) as blocker:
        pass
    assert blocker.disturbed == ""


def test_a_blocker_whose_query_was_cancelled_says_so_though_it_leaves_at_once(database: Database) -> None:
    with Blocker(database, META_ADS, KINDS["un informe largo"]) as blocker, database.connect() as other:
        cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        wait_until(lambda: bool(other.exec_driver_sql(cancel).scalar()), "its query is cancelled")
        locks = "SELECT count(*) FROM pg_locks WHERE relation = 'patients'::regclass"
        wait_until(lambda: other.exec_driver_sql(locks).scalar_one() == 0, "the lock is given back")
        blocker.leave()
    assert blocker.disturbed == "canceling statement due to user request"
