"""What the tables hold: a fingerprint taken in the server, and the way from a difference to the rows.

The fingerprint of a table is the count of its rows and the sum of a 64-bit hash over every column of each: one
pass, in which rows have no order. Where two fingerprints differ, the same is asked of buckets of the primary key.
What the client holds of a fingerprint does not grow with the rows.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from steps.support.evidence import hashing
from steps.support.evidence.tables import Table, quoted, tables
from steps.support.finding import Finding, Kind, Rows
from steps.support.postgres.database import Database
from steps.support.subject import Tenant

BITS = 0xFFFF  # of a key's hash: as many buckets, of a few rows each
FEW_ROWS = 20_000  # to read
SHOWN = 10

# The text of a value depends on the session; these pin it. The planner cannot know that there are few buckets,
# and would sort all rows by them.
EXACT = """
SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false),
       set_config('IntervalStyle', 'postgres', false), set_config('extra_float_digits', '1', false),
       set_config('bytea_output', 'hex', false), set_config('row_security', 'off', false),
       set_config('enable_sort', 'off', false), set_config('jit', 'off', false)
"""


@dataclass(frozen=True)
class Fingerprint:
    """What a table held: how many rows, and the sum of their hashes where it was taken."""

    rows: int
    total: int | None = None


Contents = dict[Table, Fingerprint]


def contents(database: Database, tenant: Tenant | None = None) -> Contents:
    """The fingerprint of every table there is; of real data, which may be many, the count."""
    with exact(database) as connection:
        found = tables(connection, tenant)
        return {table: (count if database.real else fingerprint)(connection, table) for table in found}


def exact(database: Database) -> Connection:
    """A connection on which a value always has the same text."""
    connection = database.connect()
    connection.exec_driver_sql(EXACT)
    return connection


def count(connection: Connection, table: Table) -> Fingerprint:
    """How many rows a table has."""
    return Fingerprint(connection.exec_driver_sql(f"SELECT count(*) FROM {table.source}", ()).scalar_one())


def fingerprint(connection: Connection, table: Table) -> Fingerprint:
    """The fingerprint of one table."""
    query = f"SELECT count(*), coalesce(sum({hashing.row(table)}), 0) FROM {table.source}"
    rows, total = connection.exec_driver_sql(query, ()).one()
    return Fingerprint(rows, int(total))


def transaction(database: Database) -> str:
    """A new transaction id: every earlier write has a lower one."""
    with database.connect() as connection:
        return str(connection.exec_driver_sql("SELECT pg_current_xact_id()::xid").scalar())


def untouched(connection: Connection, table: Table, rows: int, since: str) -> bool:
    """Whether there are so many rows, and none was written since a transaction."""
    query = f"SELECT count(*), count(*) FILTER (WHERE age(xmin) <= age('{since}'::xid)) FROM {table.source}"
    return tuple(connection.exec_driver_sql(query, ()).one()) == (rows, 0)


def difference(before: Connection, after: Connection, table: Table) -> list[Finding]:
    """Rows lost, added and changed; beyond FEW_ROWS only the first buckets are searched."""
    old, new = _buckets(before, table), _buckets(after, table)
    fewer = sum(count for count, _ in old.values()) - sum(count for count, _ in new.values())
    differing = sorted(bucket for bucket in old.keys() | new.keys() if old.get(bucket) != new.get(bucket))
    chosen: list[int] = []
    rows = 0
    for bucket in differing:
        rows += old.get(bucket, (0, 0))[0] + new.get(bucket, (0, 0))[0]
        if rows <= FEW_ROWS or not chosen:
            chosen.append(bucket)
    more = len(chosen) < len(differing)
    was, now = _rows(before, table, chosen), _rows(after, table, chosen)
    gone = [shown for key, (shown, _) in was.items() if key not in now]
    came = [shown for key, (shown, _) in now.items() if key not in was]
    found = []
    if gone:
        found.append(Finding(Kind.ROWS_LOST, table.name, before=_counted(gone, more, 0 if came else fewer)))
    if came:
        found.append(Finding(Kind.ROWS_ADDED, table.name, after=_counted(came, more, 0 if gone else -fewer)))
    for number, column in enumerate(table.columns):
        changed = [shown for key, (shown, its) in was.items() if key in now and its[number] != now[key][1][number]]
        if changed:
            found.append(Finding(Kind.ROWS_CHANGED, table.name, column, after=_counted(changed, more)))
    return found


def _buckets(connection: Connection, table: Table) -> dict[int, tuple[int, int]]:
    """Count and sum by some bits of the key's hash."""
    query = f"SELECT {hashing.key(table)} & {BITS}, count(*), sum({hashing.row(table)}) FROM {table.source} GROUP BY 1"
    return {bucket: (count, int(total)) for bucket, count, total in connection.exec_driver_sql(query, ())}


def _rows(connection: Connection, table: Table, wanted: list[int]) -> dict[str, tuple[str, list[int]]]:
    """What the rows of some buckets are called, and a hash of every column, by their key as text."""
    found = connection.exec_driver_sql(
        f"SELECT ROW({', '.join(map(quoted, table.key))})::text, {_shown(table)}, {hashing.each(table)} "
        f"FROM {table.source} WHERE {hashing.key(table)} & {BITS} = ANY (%s)",
        (wanted,),
    )
    rows = {}
    seen: Counter[str] = Counter()
    for key, shown, hashes in found:
        # Without a primary key two rows may be the same; each counts.
        rows[f"{key} {seen[key]}"] = (shown, hashes)
        seen[key] += 1
    return rows


def _counted(found: list[str], more: bool, known: int = 0) -> Rows:
    """The rows found; if buckets were skipped and all were lost, or all added, the count is `known`."""
    ordered = sorted(found, key=lambda one: (len(one.split(",")[0]), one))
    count = max(known, len(found)) if more else len(found)
    return Rows(count, tuple(ordered[:SHOWN]), at_least=more and known < len(found))


def _shown(table: Table) -> str:
    """A row's key, and whose the row is: 'id 137, clínica 5'."""
    keyed = table.key != table.columns
    key = f"rtrim(left(concat_ws(', ', {', '.join(map(quoted, table.key))}), {60 if keyed else 30}), ', ')"
    said = [f"'{', '.join(table.key)} '".replace("%", "%%") if keyed else "'la que empieza con '", key]
    if table.tenant:
        said += [f"', {table.tenant.one} '", quoted(table.tenant.column)]
    return f"concat({', '.join(said)})"
