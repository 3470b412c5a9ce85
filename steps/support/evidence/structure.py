"""How a database is made: all that its catalogue says of it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from steps.support.finding import Finding, Kind
from steps.support.postgres.database import Database
from steps.support.subject import Fact

QUERY = Path(__file__).with_name("structure.sql").read_text(encoding="utf-8")
# Every catalogue of this database's own objects that may be read, but for those the query knows better.
CATALOGUES = """
SELECT relname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attname = 'oid'
WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared
  AND has_table_privilege(c.oid, 'SELECT') AND relname NOT IN ('pg_attrdef', 'pg_class', 'pg_enum',
      'pg_largeobject_metadata', 'pg_namespace', 'pg_proc', 'pg_trigger', 'pg_type')
ORDER BY 1
"""
ROWS = "SELECT '{0}'::text, '{0}'::text, oid, 0, to_jsonb(t) FROM {0} t WHERE oid >= 16384 OR '{0}' = 'pg_language'"

PLAIN = {"no_parameters": True}
COLUMNS = ("table column", "foreign table column")

Key = tuple[str, str, str]  # the sort of object, its table, its name
Facts = dict[Key, dict[str, Any]]


def facts(database: Database, *, numbers: bool = True) -> Facts:
    """What the catalogue says of every object. `numbers` adds OIDs and file numbers: two databases differ in them."""
    found: Facts = {}
    with database.connect() as connection:
        rows = "\n    UNION ALL ".join(map(ROWS.format, connection.exec_driver_sql(CATALOGUES).scalars()))
        query = QUERY.replace("{rows}", rows)
        for sort, table, name, fact, own in connection.exec_driver_sql(query, execution_options=PLAIN):
            found.setdefault((sort, table, name), {}).update({**fact, **(own or {})} if numbers else fact)
    return found


def wrong(found: Facts, asked: Iterable[Fact]) -> Iterator[Finding]:
    """What is asked for, and is missing or otherwise."""
    for fact in asked:
        says = found.get(fact.key)
        if says is None:
            yield Finding(Kind.FACT_MISSING, fact.table, fact.name, what=fact.sort)
        elif other := {key: says.get(key) for key, value in fact.says.items() if says.get(key) != value}:
            yield Finding(
                Kind.FACT_WRONG, fact.table, fact.name, {key: fact.says[key] for key in other}, other, fact.sort
            )


def differences(
    before: Facts, after: Facts, allowed: Mapping[Key, Iterable[str] | None] | None = None
) -> list[Finding]:
    """What changed. `allowed`: objects that may change; None for any change, else the facts that may."""
    found = []
    for key in sorted(before.keys() | after.keys(), key=lambda key: (key[0] != "table", key)):
        sort, table, name = key
        was, now = before.get(key, {}), after.get(key, {})
        may = (allowed or {}).get(key, ())
        changed = [fact for fact in {**was, **now} if was.get(fact) != now.get(fact)]
        if may is None or not (changed := [fact for fact in changed if fact not in may]):
            continue
        if not now:
            found.append(Finding(Kind.OBJECT_GONE, table, name, before=_brief(was), what=sort))
        elif not was:
            found.append(Finding(Kind.OBJECT_APPEARED, table, name, after=_brief(now), what=sort))
        elif "relfilenode" in changed and sort in ("table", "materialized view"):
            found.append(Finding(Kind.TABLE_REWRITTEN, table))
        else:
            words = [fact for fact in changed if not str(now.get(fact, was.get(fact))).isdigit()]
            had, has = ({fact: side.get(fact) for fact in words or changed} for side in (was, now))
            found.append(Finding(Kind.OBJECT_CHANGED, table, name, had, has, sort))
    if any(one.kind is Kind.TABLE_REWRITTEN for one in found):  # then its indexes are rebuilt: one thing, said once
        found = [one for one in found if not (isinstance(one.after, dict) and set(one.after) == {"relfilenode"})]
    return found


def family(facts: Facts, table: str) -> list[str]:
    """The table with its partitions and the tables that inherit from it, down to the last."""
    children = [
        name for (_, name, part), fact in facts.items()
        if not part and any(value == table for key, value in fact.items() if key.startswith("parent "))
    ]  # fmt: skip
    return [table, *(one for child in children for one in family(facts, child))]


def _brief(fact: Mapping[str, Any]) -> object:
    return next((fact[key] for key in ("definition", "type", "granted", "settings") if fact.get(key)), None)
