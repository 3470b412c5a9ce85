"""From a fingerprint that differs to the rows that do, in a few steps whatever the size of the table."""

from sqlalchemy import Connection

from steps.support.evidence import content
from steps.support.evidence.content import DIGIT, Buckets
from steps.support.evidence.tables import Table
from steps.support.finding import Finding, Kind, Rows

SHOWN = 10
FEW_ROWS = 2_000
BREADTH = 16  # buckets narrowed at once
FINEST = 50  # bits of the key's hash that may be spent on narrowing


def find(before: Connection, after: Connection, table: Table) -> list[Finding]:
    """What became of the rows that differ, or of as many of them as fit in a few buckets small enough to read."""
    old, new = content.buckets(before, table), content.buckets(after, table)
    fewer = sum(count for count, _ in old.values()) - sum(count for count, _ in new.values())
    mask, differing, more = DIGIT, _differing(old, new), False
    while _rows(differing[:BREADTH], old, new) > FEW_ROWS and mask.bit_length() < FINEST:
        # Too many rows to read: take the sums of these buckets again, by ten more bits of the hash.
        chosen, more = differing[:BREADTH], more or len(differing) > BREADTH
        finer = mask << 10 | DIGIT
        old = content.buckets(before, table, finer, (mask, chosen))
        new = content.buckets(after, table, finer, (mask, chosen))
        mask, differing = finer, _differing(old, new)
    chosen = _affordable(differing, old, new)
    more = more or len(chosen) < len(differing)
    was = content.rows_of(before, table, mask, chosen)
    now = content.rows_of(after, table, mask, chosen)
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


def _differing(before: Buckets, after: Buckets) -> list[int]:
    return sorted(bucket for bucket in set(before) | set(after) if before.get(bucket) != after.get(bucket))


def _affordable(differing: list[int], before: Buckets, after: Buckets) -> list[int]:
    """As many of the buckets, at least one, as hold few rows together."""
    chosen: list[int] = []
    for bucket in differing:
        if chosen and _rows([*chosen, bucket], before, after) > FEW_ROWS:
            break
        chosen.append(bucket)
    return chosen


def _rows(chosen: list[int], before: Buckets, after: Buckets) -> int:
    return sum(side.get(bucket, (0, 0))[0] for bucket in chosen for side in (before, after))
