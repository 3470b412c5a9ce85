"""Taking the columns back: the same care as bringing them, and no attribution lost that nobody gave up."""

import re

import psycopg2
import pytest

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.watch import Watch
from steps.support.traffic.writers import Writers
from steps.support.waiting import wait_until
from tests.live.shapes import ALL_FIVE, PARTITIONED, PLAIN, build, five, rows
from tests.live.test_odd_tables import TURNED_DOWN, refused, run_in_a_callers_transaction

DOWN = META_ADS.script.with_name("01_meta_ads_columns_down.sql")
MANY = "INSERT INTO patients (full_name) SELECT 'p' FROM generate_series(1, 20000)"


def test_it_drops_the_five_says_where_and_then_has_nothing_to_do(migrated: Database) -> None:
    before = set(read(migrated, META_ADS.relation))
    build(migrated, "UPDATE patients SET acquisition_source = 'ORGANIC', meta_ad_id = NULL")
    for said in ("public.patients: dropped acquisition_source", "public.patients: nothing to do"):
        outcome = run_file(migrated, DOWN)
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
    assert set(read(migrated, META_ADS.relation)) == before - set(META_ADS.columns)


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_some_of_them_are_dropped_too(shape: tuple[str, ...], empty_database: Database) -> None:
    build(empty_database, *shape, "ALTER TABLE patients ADD meta_ad_id bigint, ADD acquisition_source text")
    build(empty_database, "UPDATE patients SET acquisition_source = 'ORGANIC'")
    outcome = run_file(empty_database, DOWN)
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == {}


@pytest.mark.parametrize(
    "shape", [(*PLAIN, "CREATE TABLE vip (points int) INHERITS (patients)"), PARTITIONED], ids=["plain", "partitioned"]
)
def test_an_index_on_one_of_them_goes_with_it(shape: tuple[str, ...], empty_database: Database) -> None:
    build(empty_database, *shape, ALL_FIVE, "CREATE INDEX ON patients (meta_ad_id)")
    outcome = run_file(empty_database, DOWN)
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == {}


@pytest.mark.parametrize("case", TURNED_DOWN)
def test_where_there_is_no_table_of_patients_it_fails(case: str, empty_database: Database) -> None:
    if case in ("a partition", "a typed table"):
        pytest.skip("it has none of the columns: nothing to do")
    setup, sqlstate, said = TURNED_DOWN[case]
    refused(run_file(build(empty_database, *setup), DOWN), sqlstate, said)


@pytest.mark.parametrize("write", ["acquisition_source = 'META_ADS'", "acquisition_source = NULL", "meta_ad_body = ''"])
def test_attribution_is_not_lost(write: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, f"UPDATE patients SET {write} WHERE id IN (3, 4)")
    refused(run_file(empty_database, DOWN), "2BP01", "attribution in 2 rows; nothing was dropped")
    assert five(empty_database) == META_ADS.columns
    assert run_file(empty_database, DOWN, {"migration.drop_attribution": "yes"}).succeeded
    assert five(empty_database) == {}


def test_what_is_written_after_the_count_is_seen(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE)
    with (
        Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]) as blocker,
        Watch(empty_database, META_ADS.relation) as watch,
    ):
        run = Run(empty_database, DOWN)
        watch.wait_for_looks(100, "the downgrade")
        assert watch.strong == set()
        build(empty_database, "UPDATE patients SET meta_ad_id = '1' WHERE id = 3")
        blocker.leave()
        outcome = run.outcome()
    refused(outcome, "2BP01", "attribution in 1 rows")
    assert five(empty_database) == META_ADS.columns


def test_waiting_it_holds_no_lock(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE)
    held = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE application_name = 'migration' AND "
    )
    with Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]):
        run = Run(empty_database, DOWN, {"migration.deadline": "2s"})
        wait_until(lambda: rows(empty_database, held + "locktype = 'advisory'") == [(1,)], "the wait")
        assert rows(empty_database, held + "relation = 'patients'::regclass") == [(0,)]
        refused(run.outcome(), "55P03", "idle in transaction, pid")


def test_a_count_too_long_for_the_budget_is_refused(empty_database: Database) -> None:
    build(empty_database, *PLAIN, MANY, ALL_FIVE)
    outcome = run_file(empty_database, DOWN, {"migration.max_stall": "1ms"})
    refused(outcome, "22023", "too long for max_stall")
    assert re.search(r"max_stall\D*\d+ ?m?s", outcome.hint), outcome.hint
    assert five(empty_database) == META_ADS.columns
    assert run_file(empty_database, DOWN, {"migration.max_stall": "20s"}).succeeded
    build(empty_database, ALL_FIVE)
    counts_nothing = {"migration.max_stall": "1ms", "migration.drop_attribution": "yes"}
    assert run_file(empty_database, DOWN, counts_nothing).succeeded


@pytest.mark.parametrize("kind", KINDS)
def test_who_never_leaves_is_named(kind: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN, "ALTER TABLE patients ADD notes text", ALL_FIVE)
    with Blocker(empty_database, META_ADS, KINDS[kind]), Watch(empty_database, META_ADS.relation) as watch:
        outcome = run_file(empty_database, DOWN, {"migration.deadline": "1s"})
        assert watch.strong == set()
    refused(outcome, "55P03", KINDS[kind].named)
    assert five(empty_database) == META_ADS.columns


def test_what_uses_a_column_is_named_before_any_lock(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, "CREATE VIEW origins AS SELECT acquisition_source FROM patients")
    with Watch(empty_database, META_ADS.relation) as watch:
        refused(run_file(empty_database, DOWN), "2BP01", "view public.origins")
        assert watch.strong == set()


def test_what_uses_a_partitions_column_is_too(empty_database: Database) -> None:
    build(empty_database, *PARTITIONED, ALL_FIVE, "CREATE VIEW origins AS SELECT acquisition_source FROM p2a")
    refused(run_file(empty_database, DOWN), "2BP01", "view public.origins")
    build(empty_database, "DROP VIEW origins", "CREATE VIEW origins AS SELECT full_name FROM p2a")
    assert run_file(empty_database, DOWN, {"migration.drop_attribution": "yes"}).succeeded


def test_to_ask_drops_nothing_and_takes_no_strong_lock(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE)
    with Watch(empty_database, META_ADS.relation) as watch:
        outcome = run_file(empty_database, DOWN, {"migration.ask": "yes"})
        assert outcome.succeeded, outcome.error()
        assert watch.strong == set()
    assert "asked only" in outcome.notices[-1]
    build(empty_database, "UPDATE patients SET meta_ad_id = '1' WHERE id = 3")
    refused(run_file(empty_database, DOWN, {"migration.ask": "yes"}), "2BP01", "attribution in 1 rows")
    assert five(empty_database) == META_ADS.columns


def test_only_the_owner_may_and_asking_says_so(server: Server, empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE)
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE meta_ads_stranger LOGIN PASSWORD 'x'")
    try:
        stranger = Database(empty_database.url.set(username="meta_ads_stranger", password="x"))
        for ask in ("no", "yes"):
            refused(run_file(stranger, DOWN, {"migration.ask": ask}), "42501", "owner")
    finally:
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE meta_ads_stranger")


def test_writers_beside_it_lose_nothing(database: Database) -> None:
    assert run_file(database, META_ADS.script).succeeded
    with Writers(database, META_ADS) as writers:
        outcome = run_file(database, DOWN)
    assert outcome.succeeded, outcome.error()
    assert writers.failures == []


def test_in_a_callers_transaction_settings_come_back(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE)
    connection = psycopg2.connect(empty_database.driver_dsn())
    run_in_a_callers_transaction(connection, DOWN)
    connection.rollback()
    connection.close()
    assert five(empty_database) == META_ADS.columns
