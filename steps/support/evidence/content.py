"""What the tables hold: a fingerprint taken in the server, and the way from a difference to the rows.

The fingerprint of a table is, for each of a fixed number of buckets of its key, the count and the sum of a
64-bit hash over the text of every column of every row: the order of rows does not matter, and the text
shows changes that equality hides (1.0 and 1.00, an accent composed or not).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from steps.support.databases.database import Database
from steps.support.progress import progress

BUCKETS = 1024
SHOWN = 10

# The text of a value depends on the session; these pin it.
EXACT = (
    "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false), "
    "set_config('IntervalStyle', 'postgres', false), set_config('extra_float_digits', '1', false), "
    "set_config('bytea_output', 'hex', false), set_config('row_security', 'off', false)"
)
TABLES = """
SELECT c.relname,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname
"""
SIZES = (
    "SELECT relname, relpages + 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
)


@dataclass(frozen=True)
class Table:
    """A table as it was: its columns in order, and those of its primary key (all columns without one)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


Buckets = dict[int, tuple[int, int]]  # bucket -> (rows, sum of hashes)
Contents = dict[Table, Buckets]


def contents(database: Database) -> Contents:
    """The fingerprint of every table of the public schema."""
    with exact(database) as connection:
        pages = connection.exec_driver_sql(SIZES)
        sizes: dict[str, int] = {name: size for name, size in pages}  # noqa: C416  rows are not pairs to mypy
        found: Contents = {}
        with progress("Reading every row of every table", total=sum(sizes.values())) as advance:
            for table in tables(connection):
                found[table] = buckets(connection, table)
                advance(sizes.get(table.name, 0))
    return found


def tables(connection: Connection) -> list[Table]:
    """Every table of the public schema, as it is now."""
    found = connection.exec_driver_sql(TABLES).all()
    return [Table(name, tuple(columns), tuple(key or columns)) for name, columns, key in found]


def exact(database: Database) -> Connection:
    """A connection on which a value always has the same text."""
    connection = database.connect()
    connection.exec_driver_sql(EXACT)
    return connection


def buckets(connection: Connection, table: Table) -> Buckets:
    """The fingerprint of one table, by bucket of its key."""
    rows = connection.exec_driver_sql(
        f"SELECT {_bucket(table.key)}, count(*), sum({_hash(table.columns)}) FROM {_quoted(table.name)} GROUP BY 1"
    )
    return {bucket: (count, int(total)) for bucket, count, total in rows}


def rows_of(connection: Connection, table: Table, wanted: list[int]) -> dict[str, list[int]]:
    """The rows of some buckets: their key's text, and a hash for each column."""
    hashes = ", ".join(_hash([column]) for column in table.columns)
    found = connection.exec_driver_sql(
        f"SELECT concat_ws(', ', {_list(table.key)}), ARRAY[{hashes}] FROM {_quoted(table.name)} "
        f"WHERE {_bucket(table.key)} = ANY (%s)",
        (wanted,),
    )
    return {key: row for key, row in found}  # noqa: C416  rows are not pairs to mypy


def differing(before: Buckets, after: Buckets) -> list[int]:
    """The buckets that differ, in order."""
    return sorted(bucket for bucket in set(before) | set(after) if before.get(bucket) != after.get(bucket))


def affordable(differing: list[int], before: Buckets, after: Buckets, most_rows: int) -> list[int]:
    """As many of the differing buckets, at least one, as hold no more than `most_rows` rows."""
    searched: list[int] = []
    rows = 0
    for bucket in differing:
        rows += before.get(bucket, (0, 0))[0] + after.get(bucket, (0, 0))[0]
        if searched and rows > most_rows:
            break
        searched.append(bucket)
    return searched


def _hash(columns: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    # The text of a row quotes what it must, so no two rows share one, and NULL differs from ''. "C" keeps
    # a nondeterministic collation from hashing two texts alike.
    return f'hashtextextended(ROW({_list(columns)})::text COLLATE "C", 0)'


def _bucket(key: tuple[str, ...]) -> str:
    return f"abs(mod({_hash(key)}, {BUCKETS}))::int"


def _list(columns: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
