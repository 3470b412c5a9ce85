"""Which tables there are, and what their rows are compared by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from steps.support.subject import Tenant

# Only built-in types keep their name; others become ''. A domain counts as its base type.
TABLES = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
       format('%%I.%%I', n.nspname, c.relname), c.relkind = 'r', names, types,
       coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary), names),
       -- Where its rows are, of tables that Postgres itself stores: 2 is heap, 0 a partitioned table's.
       (SELECT string_agg(concat_ws(' ', oid, relfilenode), ',' ORDER BY oid) FROM pg_class p
        WHERE p.oid = c.oid OR oid IN (SELECT relid FROM pg_partition_tree(c.oid)) HAVING bool_and(relam IN (0, 2))),
       numbers
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names, jsonb_object_agg(a.attname, a.attnum) AS numbers,
           array_agg(CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname::text ELSE '' END
                     ORDER BY a.attnum) AS types
    FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) own
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND names IS NOT NULL
ORDER BY n.nspname <> 'public', 1
"""
STRINGS = {"text", "varchar"}  # hashed alike


@dataclass(frozen=True)
class Table:
    """A table as it was."""

    name: str  # with its schema where that is not public
    relation: str  # its name as SQL
    columns: tuple[str, ...]  # in order
    types: tuple[str, ...]  # the name Postgres's catalogue has for its own ('int4'), or '' for any other
    key: tuple[str, ...]  # its primary key; all columns without one
    alone: bool  # select with ONLY, so that children's rows are not counted twice
    files: str | None  # of it and its partitions; None where an extension stores them
    numbers: Mapping[str, int] = field(hash=False)  # of its columns
    tenant: Tenant | None = None  # whose its rows are

    @property
    def source(self) -> str:
        """What to select from."""
        return f"{'ONLY ' if self.alone else ''}{self.relation.replace('%', '%%')}"

    def type_of(self, column: str) -> str:
        """The column's type."""
        return self.types[self.columns.index(column)]

    def reduced(self, gone: set[str], now: "Table") -> "Table":
        """The table without the columns that are gone; one that is of another type now is compared by its text."""
        left = tuple(name for name in self.columns if name not in gone)
        key = tuple(name for name in self.key if name not in gone) or left
        pairs = [(self.type_of(name), now.type_of(name)) for name in left]
        types = tuple(was if was == new or {was, new} == STRINGS else "" for was, new in pairs)
        return replace(
            self, relation=now.relation, columns=left, types=types, key=key, alone=now.alone, tenant=now.tenant
        )

    def stays(self, now: "Table") -> bool:
        """True when files and column positions are the same. Then an unwritten row is unchanged."""
        return self.files is not None and self.files == now.files and self.numbers.items() <= now.numbers.items()


def tables(connection: Connection, tenant: Tenant | None = None) -> list[Table]:
    """Every table that has a column, as it is now, of every schema; those with its column are `tenant`'s."""
    found = []
    for name, relation, alone, columns, types, key, files, numbers in connection.exec_driver_sql(TABLES, ()):
        own = tenant if tenant and tenant.column in columns else None
        found.append(Table(name, relation, tuple(columns), tuple(types), tuple(key), alone, files, numbers, own))
    return found


def quoted(name: str) -> str:
    """A name as SQL text for the driver, which reads % as a parameter."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
