"""From a fingerprint that differs to the rows that do, in a few steps whatever the size of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from steps.support import spanish
from steps.support.evidence import content
from steps.support.evidence.content import DIGIT, Buckets, Row
from steps.support.evidence.tables import Table

SHOWN = 10
FEW_ROWS = 2_000
BREADTH = 16  # buckets narrowed at once
FINEST = 50  # bits of the key's hash that may be spent on narrowing


@dataclass(frozen=True)
class Difference:
    """The rows found to differ, by kind, each as it may be shown; `more` when others were not looked at."""

    missing: list[str]
    added: list[str]
    changed: dict[str, str]
    more: bool

    def only_adds(self, rows: int) -> bool:
        """Whether all that happened is that the table got so many `rows`, each of them looked at."""
        return not (self.missing or self.changed or self.more) and len(self.added) == rows

    def lines(self, table: str, fewer: int) -> list[str]:
        """What happened, a line each, in Spanish; the table has `fewer` rows now, or more when that is negative."""
        rows = [f"{key} ({what})" for key, what in self.changed.items()]
        return [
            *self._line(table, "falta", "faltan", self.missing, 0 if self.added else fewer),
            *self._line(table, "sobra", "sobran", self.added, 0 if self.missing else -fewer),
            *self._line(table, "cambió", "cambiaron", rows),
        ]

    def _line(self, table: str, one: str, several: str, rows: list[str], known: int = 0) -> list[str]:
        """A kind of difference; of those not looked at the count is known where all went one way."""
        count = max(known, len(rows)) if self.more else len(rows)
        what = f"{one} 1 fila" if count == 1 else f"{several} {spanish.whole(count)} filas"
        least = " (al menos)" if self.more and known < len(rows) else ""
        return [f"{table}: {what}{least}: id {_some(rows, count)}"] if rows else []


def find(
    before: Connection, after: Connection, table: Table, column: Callable[[str], str] = lambda name: name
) -> Difference:
    """The rows that differ, or as many of them as fit in a few buckets small enough to read.

    `column` is how the name of one is shown.
    """
    old, new = content.buckets(before, table), content.buckets(after, table)
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
    return Difference(
        missing=[row.shown for key, row in was.items() if key not in now],
        added=[row.shown for key, row in now.items() if key not in was],
        changed={
            row.shown: _what_changed(table, row, now[key], column)
            for key, row in was.items()
            if key in now and row.hashes != now[key].hashes
        },
        more=more,
    )


def tenants(before: Connection, after: Connection, table: Table, shown: str) -> list[str]:
    """The tenants that have more or fewer rows than they had, a line in Spanish; at most ten are named."""
    if not table.tenant:
        return []
    had, has = content.tenants(before, table), content.tenants(after, table)
    names = sorted(had | has, key=lambda name: (len(name), name))
    pairs = ((name, had.get(name, 0), has.get(name, 0)) for name in names)
    found = [f"{table.tenant.one} {name} tenía {was} y tiene {now}" for name, was, now in pairs if was != now]
    return [f"{shown}: filas por {table.tenant.one}: {_some(found)}"] if found else []


def _what_changed(table: Table, was: Row, now: Row, column: Callable[[str], str]) -> str:
    columns = [name for name, a, b in zip(table.columns, was.hashes, now.hashes, strict=True) if a != b]
    of = table.tenant
    moved = f"{of.column}: pasó de {of.one} {was.tenant} a {of.one} {now.tenant}" if of else ""
    return ", ".join(moved if of and name == of.column else column(name) for name in columns)


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


def _some(found: list[str], count: int = 0) -> str:
    ordered = sorted(found, key=lambda one: (len(one.split(" ")[0]), one))
    return ", ".join(islice(ordered, SHOWN)) + (", …" if max(count, len(ordered)) > SHOWN else "")
