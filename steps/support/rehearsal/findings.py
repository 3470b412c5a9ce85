"""What a rehearsal found out, in Spanish for the terminal and the report, as plain figures for a machine."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from steps.support import spanish
from steps.support.attachable import Figure, Figures
from steps.support.subject import Subject

TITLE = "Ensayo sobre datos reales"
MANY = 100_000
_END = re.compile(r"\. |: «")  # of the first sentence of a reason, and of what is before names


class State(StrEnum):
    """The three verdicts there are. Only what was rehearsed whole, and without a reason against it, is accepted."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Findings:
    """The result of one rehearsal. Times are in seconds; nothing in it is anybody's data; None was not measured.

    `subject` is the migration. In Spanish: `problems` say why not to migrate, `missing` what was not rehearsed,
    `left_out` what of the snapshot could not be restored, `unrehearsed` what of that is more than permissions,
    `look_at` what to look at before. `added`, `converged` and `kept` name its columns: new, brought to the
    specification, or as they were. `longest_lock` is what was seen and the longest time between two looks.
    `evidence_before` and `evidence_after` are equal when no value of any row that existed has changed.
    """

    subject: Subject
    snapshot: str
    server: str
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unrehearsed: tuple[str, ...] = ()
    look_at: tuple[str, ...] = ()
    tables: int | None = None
    rows: int | None = None
    own_rows: int | None = None  # of the migration's table
    tenants: int | None = None
    added: tuple[str, ...] | None = None
    converged: tuple[str, ...] | None = None
    kept: tuple[str, ...] | None = None
    longest_lock: float | None = None
    rewritten: bool | None = None
    evidence_before: str | None = None
    evidence_after: str | None = None
    migration_seconds: float | None = None
    evidence_seconds: float | None = None
    restore_seconds: float | None = None

    @property
    def state(self) -> State:
        """The verdict, for a machine."""
        if self.problems:
            return State.REFUSED
        measured = None not in (self.longest_lock, self.own_rows, self.evidence_after)
        same = measured and self.evidence_before == self.evidence_after
        return State.ACCEPTED if same and not self.missing else State.INCOMPLETE

    @property
    def verdict(self) -> str:
        """Whether to migrate these data, and why not, with all that was said of it."""
        return self._verdict(str)

    @property
    def headline(self) -> str:
        """The same in one short sentence."""
        return self._verdict(lambda reason: _END.split(reason)[0])

    def _verdict(self, told: Callable[[str], str]) -> str:
        if self.state is State.REFUSED:
            more = f" (y {len(self.problems) - 1} motivos más)" if len(self.problems) > 1 else ""
            return f"no se puede migrar{self._whose(' (', ')')}: {told(self.problems[0]).rstrip('.')}{more}."
        if self.state is State.INCOMPLETE:
            why = "; ".join(map(told, self.missing)) or "no se midió todo"
            return f"incompleto, no alcanza para migrar: {why}."
        assert self.longest_lock is not None
        without = f" No se ensayó lo que quedó afuera: {'; '.join(self.unrehearsed)}." if self.unrehearsed else ""
        return (
            f"se puede migrar: {self._whose()} quedaron exactamente como estaban, "
            f"y la tabla estuvo bloqueada {_milliseconds(self.longest_lock)} como máximo.{without}"
        )

    def figures(self) -> Figures:
        """What the report shows of it; the reasons against it come first."""
        more = self._more()
        rows = [*more[:2], *((name, [value]) for name, value in self._rows()), *more[2:]]
        shown = [Figure(name, "\n".join(lines)) for name, lines in rows if lines]
        return Figures(TITLE, self.headline, shown, self.state, self.as_dict())

    def lines(self) -> list[str]:
        """The same as a person reads it on a terminal."""
        rows = self._rows()
        width = max(len(name) for name, _ in rows)
        lines = [f"  {name:<{width}}  {value}" for name, value in rows]
        more = [f"  {name}: {what}" for name, found in self._more() for what in found]
        return [TITLE, *lines, *more, f"VEREDICTO: {self.verdict}"]

    def as_dict(self) -> dict[str, Any]:
        """The same for a machine, as JSON takes it: what was not measured is not there."""
        facts: dict[str, Any] = {
            "migration": self.subject.name, "script": self.subject.script.name, "snapshot": self.snapshot,
            "postgres": self.server, "verdict": str(self.state), "sentence": self.verdict,
            "problems": list(self.problems), "missing": list(self.missing), "left_out": list(self.left_out),
            "look_at": list(self.look_at), "tables": self.tables, "rows": self.rows, "own_rows": self.own_rows,
            "tenants": self.tenants, "added": _listed(self.added), "converged": _listed(self.converged),
            "kept": _listed(self.kept), "longest_lock_ms": self.longest_lock and round(self.longest_lock * 1000, 1),
            "rewritten": self.rewritten, "evidence_before": self.evidence_before,
            "evidence_after": self.evidence_after, "migration_seconds": self.migration_seconds,
            "evidence_seconds": self.evidence_seconds, "restore_seconds": self.restore_seconds,
        }  # fmt: skip
        return {name: fact for name, fact in facts.items() if fact is not None}

    def _more(self) -> list[tuple[str, Sequence[str]]]:
        return [
            ("No se puede", self.problems),
            ("Falta", self.missing),
            ("Quedó afuera", self.left_out),
            ("Para mirar antes", self.look_at),
        ]

    def _whose(self, before: str = "", after: str = "") -> str:
        if self.own_rows is None:
            return ""
        of = f" de {self._tenants()}" if self.tenants is not None and self.subject.tenant else ""
        return f"{before}{spanish.whole(self.own_rows)} {self.subject.rows}{of}{after}"

    def _tenants(self) -> str:
        assert self.subject.tenant
        return f"{spanish.whole(self.tenants or 0)} {self.subject.tenant.many}"

    def _rows(self) -> list[tuple[str, str]]:
        same = "la misma" if self.evidence_before == self.evidence_after else "DISTINTA"
        rows, of = self.own_rows or 0, self.subject.rows
        counted = spanish.whole(rows)
        whose = f"{counted} de {self._tenants()}" if self.tenants is not None and self.subject.tenant else counted
        found: list[tuple[str, object, str]] = [
            ("Copia ensayada", self.server, f"{self.snapshot}, en Postgres {self.server}"),
            ("Tablas y filas", self.rows, f"{self.tables} tablas, {spanish.whole(self.rows or 0)} filas"),
            (of.capitalize(), self.own_rows, whose),
            ("Columnas agregadas", self.added, ", ".join(self.added or ()) or "ninguna"),
            ("Columnas llevadas a la especificación", self.converged, ", ".join(self.converged or ()) or "ninguna"),
            ("Columnas que ya estaban", self.kept, ", ".join(self.kept or ()) or "ninguna"),
            ("Tabla bloqueada, como máximo", self.longest_lock, _milliseconds(self.longest_lock or 0)),
            ("Tabla reescrita", self.rewritten, "SÍ" if self.rewritten else "no"),
            (
                "Evidencia antes y después",
                self.evidence_after,
                f"{self.evidence_before} y {self.evidence_after}: {same}",
            ),
            ("Migración", self.migration_seconds, _took(self.migration_seconds or 0, rows, of)),
            ("Evidencia", self.evidence_seconds, _took(self.evidence_seconds or 0, self.rows or 0, "filas")),
            ("Restauración", self.restore_seconds, spanish.wait(self.restore_seconds or 0)),
        ]
        return [(name, value) for name, measured, value in found if measured is not None]


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _took(seconds: float, count: int, of: str) -> str:
    """The time; of many also the rate. Of few a rate would multiply what does not grow with them."""
    rate = f" ({spanish.wait(seconds / count * 1e6)} por millón de {of})" if count >= MANY else ""
    return spanish.wait(seconds) + rate
