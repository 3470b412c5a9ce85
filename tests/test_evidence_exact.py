"""No change is too small, on any type, and none is too many."""

import time
from collections.abc import Iterator

import pytest

from steps.support import spanish
from steps.support.evidence import content
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import PRODUCT

# type, value, and another value that Postgres calls equal, or nearly
PAIRS = [
    ("numeric", "1.0", "1.00"),
    ("numeric", "'NaN'", "0"),
    ("jsonb", """'{"a": 1.0}'""", """'{"a": 1.00}'"""),
    ("json", """'{"a":1}'""", """'{"a": 1}'"""),
    ("json", """'{"a":1,"a":1}'""", """'{"a":1}'"""),
    ("float8", "0", "'-0'::float8"),
    ("float8", "0.1", "0.1::float8 + 1e-17::float8 * 2"),
    ("float8", "'NaN'", "NULL"),
    ("float4", "0.1", "0.10000001"),
    ("timestamptz", "'2026-01-01 00:00:00.000001+00'", "'2026-01-01 00:00:00+00'"),
    ("timestamptz", "'infinity'", "'-infinity'"),
    ("timestamp", "'2026-01-01 00:00:00.000001'", "'2026-01-01'"),
    ("timetz", "'12:00+00'", "'13:00+01'"),
    ("date", "'infinity'", "'-infinity'"),
    ("date", "'5874897-12-31'", "'5874897-12-30'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("bytea", r"'\x00ff'", r"'\x00fe'"),
    ("int4[]", "'{1,2}'", "'[0:1]={1,2}'"),
    ("int4[]", "'{{1,2}}'", "'{1,2}'"),
    ("text[]", "'{NULL}'", "'{\"NULL\"}'"),
    ("text[]", "'{}'", "NULL"),
    ("int8[]", "'{1}'", "'[2:2]={1}'"),
    ("varchar[]", "'{a}'", "'{A}'"),
    ("label", "'a'", "'a '"),
    ("bpchar", "'a'", "'a '"),
    ("text", "'a'", "'a '"),
    ("text", "''", "NULL"),
    ("text", "e'e\\u0301'", "e'\\u00e9'"),
    ("text COLLATE insensitive", "'ana'", "'ANA'"),
    ("varchar COLLATE insensitive", "'ana'", "'ANA'"),
    ("bool", "false", "NULL"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000001'"),
    ("int8", "4294967296", "1"),
    ("int2", "0", "NULL"),
    ("money", "1", "1.01"),
    ("inet", "'10.0.0.1'", "'10.0.0.1/31'"),
    ("numrange", "'[1.0,2]'", "'[1.00,2]'"),
    ("pair", "ROW(NULL, NULL)", "NULL"),
]


def said(findings: list[Finding]) -> list[str]:
    return [spanish.sentence(finding) for finding in findings]


@pytest.fixture
def pairs(server: Server) -> list[tuple[str, str, str]]:
    """Those the server can have: a build without ICU has no nondeterministic collation."""
    with connect(server.url) as connection:
        # A build without ICU lists a couple of its collations all the same.
        icu = connection.exec_driver_sql("SELECT count(*) > 9 FROM pg_collation WHERE collprovider = 'i'").scalar()
    return [pair for pair in PAIRS if icu or "COLLATE" not in pair[0]]


def test_what_equality_hides_is_seen_on_every_type(
    pool: Pool, empty_database: Database, pairs: list[tuple[str, str, str]]
) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("CREATE DOMAIN label AS varchar; CREATE TYPE pair AS (a int, b text)")
        if len(pairs) == len(PAIRS):
            connection.exec_driver_sql(
                "CREATE COLLATION insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
            )
        for number, (kind, value, _) in enumerate(pairs):
            connection.exec_driver_sql(f"CREATE TABLE t{number:02} (id int PRIMARY KEY, v {kind})")
            connection.exec_driver_sql(f"INSERT INTO t{number:02} VALUES (1, {value}), (2, {value})")
    copy = pool.clone(empty_database, "copy")
    evidence = Evidence.take(empty_database, copy)
    assert evidence.lost_content(empty_database) == []
    with empty_database.connect() as connection:
        for number, (_, _, other) in enumerate(pairs):
            connection.exec_driver_sql(f"UPDATE t{number:02} SET v = {other} WHERE id = 2")
    found = said(evidence.lost_content(empty_database))
    pool.drop(copy)
    assert found == [
        f"cambian datos de t{number:02}.v en 1 fila de t{number:02} (id 2)" for number in range(len(pairs))
    ]


@pytest.fixture
def many(pool: Pool, empty_database: Database) -> Iterator[Evidence]:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (id int PRIMARY KEY, tenant_id int, a int, b text)")
        connection.exec_driver_sql(
            "INSERT INTO numbers SELECT i, mod(i, 7), i, i::text FROM generate_series(1, 50000) i"
        )
        connection.exec_driver_sql("CREATE TABLE visits (phone text PRIMARY KEY); INSERT INTO visits VALUES ('+549')")
        connection.exec_driver_sql("CREATE TABLE twins (name text); INSERT INTO twins VALUES ('Ana'), ('Ana')")
    copy = pool.clone(empty_database, "copy")
    yield Evidence.take(empty_database, copy, PRODUCT.tenant)
    pool.drop(copy)


SWAP = "UPDATE numbers x SET a = y.a FROM numbers y WHERE x.id IN (11, 12) AND y.id = 23 - x.id"


@pytest.mark.parametrize(
    ("harm", "lines"),
    [
        (SWAP, ["cambian datos de numbers.a en 2 filas de numbers (id 11, clínica 4; id 12, clínica 5)"]),
        ("UPDATE numbers x SET a = y.a FROM numbers y WHERE x.id IN (7, 14) AND y.id = 21 - x.id",
         ["cambian datos de numbers.a en 2 filas de numbers (id 7, clínica 0; id 14, clínica 0)"]),
        ("UPDATE numbers SET id = -id WHERE id = 40000",
         ["se pierde 1 fila de numbers (id 40000, clínica 2)",
          "aparece 1 fila de numbers que antes no había (id -40000, clínica 2)"]),
        ("UPDATE numbers SET tenant_id = 3 WHERE id = 7",
         ["cambian datos de numbers.tenant_id en 1 fila de numbers (id 7, clínica 0)"]),
        ("DELETE FROM numbers WHERE id IN (1, 20000, 49999)",
         ["se pierden 3 filas de numbers (id 1, clínica 1; id 20000, clínica 1; id 49999, clínica 5)"]),
        ("DELETE FROM numbers WHERE id / 2 * 2 = id", ["se pierden 25.000 filas de numbers (id "]),
        ("UPDATE numbers SET b = b || '.'", ["cambian datos de numbers.b en al menos "]),
        ("DELETE FROM twins WHERE ctid = '(0,1)'", ["se pierde 1 fila de twins (la que empieza con Ana)"]),
        ("UPDATE visits SET phone = '+548'",
         ["se pierde 1 fila de visits (la que empieza con +549)",
          "aparece 1 fila de visits que antes no había (la que empieza con +548)"]),
    ],
)  # fmt: skip
def test_the_way_to_the_rows(empty_database: Database, many: Evidence, harm: str, lines: list[str]) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql(harm)
    found = said(many.lost_content(empty_database))
    assert len(found) == len(lines)
    for line, one in zip(lines, found, strict=True):
        assert one.startswith(line)


def test_sums_that_differ_are_told_even_if_no_row_is_found(
    empty_database: Database, many: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "difference", lambda *_: [])
    with empty_database.connect() as connection:
        connection.exec_driver_sql(SWAP)
    assert said(many.lost_content(empty_database)) == ["cambian datos de numbers en al menos 1 fila de numbers"]


@pytest.mark.parametrize(
    ("before", "change", "lines"),
    [
        ("bigint", "int", []),
        ("int", "bigint", []),
        ("varchar", "text", []),
        ("numeric", "int", ["cambian datos de t.v en 1 fila de t (id 2)"]),
        ("timestamptz", "date", ["cambian datos de t.v en 2 filas de t (id 1; id 2)"]),
    ],
)
def test_a_column_of_another_type_is_compared_by_its_text(
    pool: Pool, empty_database: Database, before: str, change: str, lines: list[str]
) -> None:
    values = ("now()", "now()") if before == "timestamptz" else ("1", "1.5" if before == "numeric" else "2")
    with empty_database.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (id int PRIMARY KEY, v {before})")
        connection.exec_driver_sql(f"INSERT INTO t VALUES (1, {values[0]}), (2, {values[1]})")
    copy = pool.clone(empty_database, "copy")
    evidence = Evidence.take(empty_database, copy)
    with empty_database.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE t ALTER v TYPE {change} USING v::{change}")
    found = said(evidence.lost_content(empty_database))
    pool.drop(copy)
    assert found == lines


def test_equal_rows_without_a_key_are_told_apart_in_no_time(pool: Pool, empty_database: Database) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE equal AS SELECT 1 AS a FROM generate_series(1, 200000)")
    copy = pool.clone(empty_database, "copy")
    evidence = Evidence.take(empty_database, copy)
    with empty_database.connect() as connection:
        connection.exec_driver_sql("DELETE FROM equal WHERE ctid = '(0,1)'")
    began = time.monotonic()
    (line,) = said(evidence.lost_content(empty_database))
    pool.drop(copy)
    assert line.startswith("se pierde 1 fila de equal")
    assert time.monotonic() - began < 300
