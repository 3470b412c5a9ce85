"""Drifts composed by Hypothesis: whatever a table is like, it is as specified afterwards, or as before.

DRIFTS=SEED tries many.
"""

import os

import psycopg2
from hypothesis import HealthCheck, given, seed, settings

from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS
from tests.script.composed import tables
from tests.script.shapes import UP, five, rows
from tests.script.test_drift import FILES

LONG = os.environ.get("DRIFTS")
COUNT = 500 if LONG else 25


def built(pool: Pool, statements: tuple[str, ...]) -> Database:
    """A database with the table; what Postgres does not take of the statements is left out."""
    database = pool.create("found")
    connection = psycopg2.connect(database.driver_dsn())
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except psycopg2.Error:
                continue
    connection.close()
    return database


def test_whatever_a_table_is_like(pool: Pool) -> None:
    brought: list[bool] = []

    @seed(int(LONG or 0))
    @settings(max_examples=COUNT, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(tables())
    def holds(statements: tuple[str, ...]) -> None:
        database = built(pool, statements)
        try:
            copy = pool.clone(database, "copy")
            before, files = Evidence.take(copy, copy), rows(database, FILES)
            outcome = run_file(database, UP)
            assert rows(database, FILES) == files, "rewritten"
            assert not before.lost_content(database)
            if outcome.succeeded:
                assert five(database) == META_ADS.columns
                assert "nothing to do" in run_file(database, UP).notices[-1]
            else:
                assert outcome.sqlstate in ("42804", "0A000", "42P16", "2BP01", "42809"), outcome.error()
                assert not before.changed_structure(database)
            brought.append(outcome.succeeded)
            pool.drop(copy)
        finally:
            pool.drop(database)

    holds()
    assert COUNT / 5 < sum(brought) < COUNT * 4 / 5 + 50, "the tables are nearly all of one kind"
