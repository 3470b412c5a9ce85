"""The columns a relation has, as a specification speaks of them."""

import re

from sqlalchemy import text

from steps.support.finding import Finding, Kind
from steps.support.postgres.database import Database
from steps.support.subject import Column

QUERY = text("""
SELECT a.attname, upper(replace(replace(format_type(a.atttypid, a.atttypmod),
                                        'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz')),
       pg_get_expr(d.adbin, d.adrelid), NOT a.attnotnull,
       concat_ws(' ', CASE WHEN a.attgenerated <> '' THEN 'generada' END,
                      CASE WHEN a.attidentity <> '' THEN 'identidad' END,
                      CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                           THEN 'collation ' || CAST(CAST(a.attcollation AS regcollation) AS text) END)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(:relation) AND a.attnum > 0 AND NOT a.attisdropped
""")
_LITERAL = re.compile(r"'(?P<value>(?:[^']|'')*)'::(?:character varying|text)")


def read(database: Database, relation: str) -> dict[str, Column]:
    """The columns of a relation, by name; none when there is no such relation."""
    with database.connect() as connection:
        rows = connection.execute(QUERY, {"relation": relation}).all()
    return {
        name: Column(kind, default and _value(default), nullable, more) for name, kind, default, nullable, more in rows
    }


def wrong(table: str, name: str, asked: Column, found: Column | None, before: Column | None = None) -> list[Finding]:
    """A COLUMN_MISSING, COLUMN_LEFT (it was so `before`) or COLUMN_WRONG finding, or none."""
    if not found:
        return [Finding(Kind.COLUMN_MISSING, table, name)]
    kind = Kind.COLUMN_LEFT if found == before else Kind.COLUMN_WRONG
    return [] if found == asked else [Finding(kind, table, name, *asked.unlike(found))]


def _value(expression: str) -> str:
    literal = _LITERAL.fullmatch(expression)
    return literal["value"].replace("''", "'") if literal else expression
