"""From a fingerprint that differs to the rows that do, in two steps whatever the size of the table."""

from sqlalchemy import Connection

from steps.support.evidence import content
from steps.support.evidence.tables import Table
from steps.support.finding import Finding, Kind, Rows

SHOWN = 10
FEW_ROWS = 20_000  # to read


def find(before: Connection, after: Connection, table: Table) -> list[Finding]:
    """What became of the rows that differ, or of as many of them as are in a few buckets."""
    old, new = content.buckets(before, table), content.buckets(after, table)
    fewer = sum(count for count, _ in old.values()) - sum(count for count, _ in new.values())
    differing = sorted(bucket for bucket in old.keys() | new.keys() if old.get(bucket) != new.get(bucket))
    chosen: list[int] = []
    rows = 0
    for bucket in differing:
        rows += old.get(bucket, (0, 0))[0] + new.get(bucket, (0, 0))[0]
        if rows <= FEW_ROWS or not chosen:
            chosen.append(bucket)
    more = len(chosen) < len(differing)
    was, now = content.rows_of(before, table, chosen), content.rows_of(after, table, chosen)
    gone = [row.shown for key, row in was.items() if key not in now]
    new_ones = [row.shown for key, row in now.items() if key not in was]
    found = []
    if gone:
        found.append(Finding(Kind.ROWS_LOST, table.name, before=_rows_of(gone, more, 0 if new_ones else fewer)))
    if new_ones:
        found.append(Finding(Kind.ROWS_ADDED, table.name, after=_rows_of(new_ones, more, 0 if gone else -fewer)))
    for number, column in enumerate(table.columns):
        changed = [
            row.shown for key, row in was.items() if key in now and row.hashes[number] != now[key].hashes[number]
        ]
        if changed:
            found.append(Finding(Kind.ROWS_CHANGED, table.name, column, after=_rows_of(changed, more)))
    return found


def _rows_of(found: list[str], more: bool, known: int = 0) -> Rows:
    """The rows found; of those not looked at the count is `known` where all went one way."""
    ordered = sorted(found, key=lambda one: (len(one.split(",")[0]), one))
    count = max(known, len(found)) if more else len(found)
    return Rows(count, tuple(ordered[:SHOWN]), at_least=more and known < len(found))
