"""No change is too small, on any type, and none is too many."""

import time
from collections.abc import Iterator

import pytest

from steps.support.evidence import difference
from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
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
    found = evidence.lost_content(empty_database)
    pool.drop(copy)
    assert found == [f"t{number:02}: cambió 1 fila: id 2 (v)" for number in range(len(pairs))]


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
        (SWAP, ["numbers: cambiaron 2 filas: id 11 (a), 12 (a)"]),
        ("UPDATE numbers SET id = -id WHERE id = 40000",
         ["numbers: falta 1 fila: id 40000", "numbers: sobra 1 fila: id -40000"]),
        ("UPDATE numbers SET tenant_id = 3 WHERE id = 7",
         ["numbers: cambió 1 fila: id 7 (tenant_id: pasó de clínica 0 a clínica 3)",
          "numbers: filas por clínica: clínica 0 tenía 7142 y tiene 7141, clínica 3 tenía 7143 y tiene 7144"]),
        ("DELETE FROM numbers WHERE id IN (1, 9999, 20000, 30001, 49999)",
         ["numbers: faltan 5 filas: id 1, 9999, 20000, 30001, 49999"]),
        ("DELETE FROM twins WHERE ctid = '(0,1)'", ["twins: falta 1 fila: id #"]),
        ("UPDATE visits SET phone = '+548'", ["visits: falta 1 fila: id #", "visits: sobra 1 fila: id #"]),
    ],
)  # fmt: skip
def test_the_way_to_the_rows(empty_database: Database, many: Evidence, harm: str, lines: list[str]) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql(harm)
    found = many.lost_content(empty_database)
    for line in lines:
        assert any(one.startswith(line) for one in found), found
    assert "+549" not in str(found)
    assert "Ana" not in str(found)


def test_two_rows_cannot_swap_a_value_unseen(empty_database: Database, many: Evidence) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE numbers x SET a = y.a FROM numbers y WHERE x.id IN (7, 14) AND y.id = 21 - x.id"
        )
    assert many.lost_content(empty_database) == ["numbers: cambiaron 2 filas: id 7 (a), 14 (a)"]


def test_sums_that_differ_are_told_even_if_no_row_is_found(
    empty_database: Database, many: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "find", lambda *_: difference.Difference([], [], {}, more=False))
    with empty_database.connect() as connection:
        connection.exec_driver_sql(SWAP)
    assert many.lost_content(empty_database) == ["numbers: cambiaron datos, y no se encontró en qué filas"]


@pytest.mark.parametrize(
    ("before", "change", "lines"),
    [
        ("bigint", "int", []),
        ("int", "bigint", []),
        ("varchar", "text", []),
        ("numeric", "int", ["t: cambió 1 fila: id 2 (v)"]),
        ("timestamptz", "date", ["t: cambiaron 2 filas: id 1 (v), 2 (v)"]),
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
    found = evidence.lost_content(empty_database)
    pool.drop(copy)
    assert found == lines


def test_however_many_rows_differ_few_are_read(empty_database: Database, many: Evidence) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("UPDATE numbers SET b = b || '.'")
    (line,) = many.lost_content(empty_database)
    assert "filas (al menos): id" in line
    assert int(line.split("cambiaron ")[1].split()[0]) <= difference.FEW_ROWS
    assert line.count("(b)") == 10


def test_a_count_that_is_known_is_said(empty_database: Database, many: Evidence) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("DELETE FROM numbers WHERE id % 2 = 0".replace("%", "%%"))
    found = many.lost_content(empty_database)
    assert found[0].startswith("numbers: faltan 25.000 filas: id ")
    assert found[0].endswith(", …")


def test_equal_rows_without_a_key_are_told_apart_in_no_time(pool: Pool, empty_database: Database) -> None:
    with empty_database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE equal AS SELECT 1 AS a FROM generate_series(1, 200000)")
    copy = pool.clone(empty_database, "copy")
    evidence = Evidence.take(empty_database, copy)
    with empty_database.connect() as connection:
        connection.exec_driver_sql("DELETE FROM equal WHERE ctid = '(0,1)'")
    began = time.monotonic()
    (line,) = evidence.lost_content(empty_database)
    pool.drop(copy)
    assert line.startswith("equal: falta 1 fila")
    assert time.monotonic() - began < 30
