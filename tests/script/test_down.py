"""Taking the columns back: no attribution is lost that was not given up."""

import pytest

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS
from steps.support.traffic.writers import Writers
from tests.script.shapes import ALL_FIVE, DOWN, PARTITIONED, PLAIN, UP, build, five, refused

GIVEN_UP = {"migration.drop_attribution": "yes"}


def test_it_drops_the_five_beside_writers_and_then_has_nothing_to_do(database: Database) -> None:
    before = set(read(database, META_ADS.relation))
    assert run_file(database, UP).succeeded
    with Writers(database, META_ADS) as writers:
        for said in ("public.patients: ran ALTER TABLE", "public.patients: nothing to do"):
            outcome = run_file(database, DOWN)
            assert outcome.succeeded, outcome.error()
            assert said in outcome.notices[-1]
    assert writers.failures == []
    assert set(read(database, META_ADS.relation)) == before


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_some_of_them_in_any_type_and_their_index_go(shape: tuple[str, ...], empty_database: Database) -> None:
    build(empty_database, *shape, "ALTER TABLE patients ADD meta_ad_id bigint, ADD acquisition_source text")
    build(empty_database, "UPDATE patients SET acquisition_source = 'ORGANIC'", "CREATE INDEX ON patients (meta_ad_id)")
    outcome = run_file(empty_database, DOWN)
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == {}


@pytest.mark.parametrize("write", ["acquisition_source = 'META_ADS'", "acquisition_source = NULL", "meta_ad_body = ''"])
def test_attribution_is_not_lost(write: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, f"UPDATE patients SET {write} WHERE id IN (3, 4)")
    refused(run_file(empty_database, DOWN), "2BP01", "public.patients holds attribution in 2 rows")
    refused(run_file(empty_database, DOWN, {"migration.ask": "yes"}), "2BP01", "in 2 rows")
    assert five(empty_database) == META_ADS.columns
    assert run_file(empty_database, DOWN, GIVEN_UP).succeeded
    assert five(empty_database) == {}


def test_a_policy_hides_no_row_from_the_count(owner: Database, database: Database) -> None:
    assert run_file(database, UP).succeeded
    build(
        database,
        "UPDATE patients SET acquisition_source = 'META_ADS'",
        "ALTER TABLE patients ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    )
    assert run_file(owner, DOWN).sqlstate == "42501"
    assert five(database) == META_ADS.columns


def test_what_uses_a_column_is_named_by_postgres(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, "CREATE VIEW origins AS SELECT acquisition_source FROM patients")
    outcome = run_file(empty_database, DOWN)
    assert outcome.sqlstate == "2BP01"
    assert "view origins" in outcome.detail
    assert five(empty_database) == META_ADS.columns
