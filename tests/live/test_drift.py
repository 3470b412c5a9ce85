"""Converge or refuse: by a catalogue change that rewrites nothing, or with nothing changed at all."""

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.live.drift import CONVERGES, REFUSED, Drift
from tests.live.shapes import build, five, rows

FILES = """
SELECT c.oid::regclass::text, pg_relation_filenode(c.oid) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm', 'i') ORDER BY 1
"""
CATALOGUE = """
SELECT attrelid::regclass::text, attname, atttypid, atttypmod, attnotnull, atthasdef, xmin::text FROM pg_attribute
WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1, 2
"""
TREE = """
WITH RECURSIVE tree AS (SELECT 'patients'::regclass::oid AS oid
    UNION SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = tree.oid)
SELECT oid::regclass::text FROM tree
"""


@pytest.mark.parametrize("case", CONVERGES, ids=lambda case: case.name)
def test_what_can_be_brought_to_the_specification_is(case: Drift, empty_database: Database) -> None:
    build(empty_database, *case.setup)
    existing = ", ".join(five(empty_database)) or "1"
    values = rows(empty_database, f"SELECT {existing} FROM patients ORDER BY tableoid, ctid")
    files = rows(empty_database, FILES)

    outcome = run_file(empty_database, META_ADS.script)

    assert outcome.succeeded, outcome.error()
    for (table,) in rows(empty_database, TREE):
        assert five(empty_database, table) == META_ADS.columns, table
    assert rows(empty_database, f"SELECT {existing} FROM patients ORDER BY tableoid, ctid") == values
    assert rows(empty_database, FILES) == files, "rewritten"
    again = run_file(empty_database, META_ADS.script)
    assert again.succeeded, again.error()
    assert "nothing to do" in again.notices[-1]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_cannot_is_refused_with_nothing_changed(case: Drift, empty_database: Database, server: Server) -> None:
    if server.major < case.since:
        pytest.skip(f"Postgres {server.major} has no such thing")
    build(empty_database, *case.setup)
    catalogue, files = rows(empty_database, CATALOGUE), rows(empty_database, FILES)

    outcome = run_file(empty_database, META_ADS.script)

    assert outcome.sqlstate == "42804", outcome.error() or outcome.notices
    assert case.said in outcome.detail
    assert "Nothing was changed" in outcome.detail
    assert outcome.hint
    assert rows(empty_database, CATALOGUE) == catalogue
    assert rows(empty_database, FILES) == files
