"""What a rehearsal comes to: one of three states, its figures, and one sentence that a DBA signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from steps.support import spanish
from steps.support.attachable import Figure, Figures
from steps.support.rehearsal.judge import Judged
from steps.support.rehearsal.left_out import LeftOut
from steps.support.subject import Column, Subject


class State(StrEnum):
    """The three verdicts there are. Only what was measured whole, with no reason against it, is accepted."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"


@dataclass
class Rehearsed:
    """A migration on a copy: what it ran on, what the runs showed, what of the copy is not there."""

    subject: Subject
    script: Path
    snapshot: str
    server: str
    judged: Judged = field(default_factory=Judged)
    left: Sequence[LeftOut] = ()
    lacking: Sequence[str] = ()  # extensions the server has not
    look: Sequence[str] = ()
    tables: int | None = None
    rows: int | None = None
    own_rows: int | None = None  # of the migration's table
    tenants: int | None = None
    restore_seconds: float | None = None
    interrupted: bool = False

    def count(self, rows: Mapping[str, int], tenants: int | None) -> None:
        """Note how many rows each table has."""
        self.tables, self.rows, self.own_rows = len(rows), sum(rows.values()), rows.get(self.subject.table)
        self.tenants = tenants

    @property
    def missing(self) -> list[str]:
        """What keeps the rehearsal from being whole, in Spanish."""
        judged = self.judged
        concerned = [str(one) for one in self.left if one.concerns(self.subject.table)]
        return [
            *["el ensayo se interrumpió"] * self.interrupted,
            *judged.missing,
            *["el script no llegó a ejecutarse"] * (judged.seconds is None),
            *[f"no se restauró todo lo de {self.subject.table}: {', '.join(concerned)}"] * bool(concerned),
        ]

    @property
    def state(self) -> State:
        """The verdict, for a machine."""
        if self.judged.refused:
            return State.REFUSED
        measured = self.judged.same and self.judged.again and self.own_rows
        return State.ACCEPTED if measured and not self.missing else State.INCOMPLETE

    @property
    def accepted(self) -> bool:
        """Whether it may be migrated."""
        return self.state is State.ACCEPTED

    @property
    def verdict(self) -> str:
        """The sentence."""
        refused, missing = self.judged.refused, self.missing
        if self.state is State.REFUSED:
            more = f" (y {len(refused) - 1} motivos más)" if len(refused) > 1 else ""
            return f"no se puede migrar: {refused[0].rstrip('.')}{more}."
        if self.state is State.INCOMPLETE:
            return f"incompleto, no alcanza para migrar: {'; '.join(missing) or 'no se midió todo'}."
        most = (self.judged.held or 0) + self.judged.gap
        return (
            f"se puede migrar: {self._rows()} quedaron exactamente como estaban, y la tabla estuvo bloqueada "
            f"{_milliseconds(most)} como máximo."
        )

    def figures(self) -> Figures:
        """What every output shows of it; the reasons against it come first."""
        shown = [Figure(name, value) for name, value in self._figures().items() if value]
        return Figures(f"Ensayo de {self.subject.name} sobre datos reales", self.verdict, shown, self.state)

    def _figures(self) -> Mapping[str, str]:
        judged = self.judged
        new, changed, kept = self._columns()
        whole = None not in (self.tables, self.rows)
        return {
            "No se puede": "\n".join(judged.refused),
            "Falta": "\n".join(self.missing),
            "Copia ensayada": f"{self.snapshot}, en Postgres {self.server}",
            "Tablas y filas": f"{self.tables} tablas, {spanish.whole(self.rows or 0)} filas" if whole else "",
            self.subject.rows.capitalize(): self._rows() if self.own_rows else "",
            "Columnas agregadas": new,
            "Columnas llevadas a la especificación": changed,
            "Columnas que ya estaban": kept,
            "Lo que había antes": _yes(judged.same, "igual, fila por fila", "CAMBIÓ"),
            "Tabla bloqueada, como máximo": "" if judged.held is None else _milliseconds(judged.held + judged.gap),
            "Tabla reescrita": _yes(judged.rewritten, "SÍ", "no"),
            "Ejecutado de nuevo": _yes(judged.again, "no cambia nada ni bloquea la tabla", "CAMBIA ALGO"),
            "Ejecutado y deshecho": _yes(judged.undone, "no deja nada", "DEJA ALGO"),
            "Migración": spanish.wait(judged.seconds) if judged.seconds else "",
            "Restauración": spanish.wait(self.restore_seconds) if self.restore_seconds else "",
            "Quedó afuera": "\n".join(self._left_out()),
            "Para mirar antes": "\n".join(self.look),
        }

    def _columns(self) -> tuple[str, str, str]:
        was: Mapping[str, Column] = self.judged.was
        became = self.judged.became
        if became is None:
            return "", "", ""
        new = [name for name in self.subject.columns if name in became and name not in was]
        changed = [name for name in self.subject.columns if name in was and became.get(name) != was[name]]
        kept = [name for name in self.subject.columns if name in was and name not in changed]
        return ", ".join(new) or "ninguna", ", ".join(changed), ", ".join(kept)

    def _left_out(self) -> list[str]:
        lacking = ", ".join(self.lacking)
        return [*map(str, self.left), *[f"extensiones que este servidor no tiene: {lacking}"] * bool(lacking)]

    def _rows(self) -> str:
        of, count = self.subject.tenant, self.tenants
        whose = f" de {spanish.whole(count)} {of.one if count == 1 else of.many}" if of and count else ""
        return f"{spanish.whole(self.own_rows or 0)} {self.subject.rows}{whose}"


def lines(figures: Figures) -> list[str]:
    """What a person reads of a verdict on a terminal."""
    width = max(len(figure.name) for figure in figures.figures)
    more = f"\n  {'':<{width}}  "
    rows = [f"  {figure.name:<{width}}  {figure.value.replace(chr(10), more)}" for figure in figures.figures]
    return [figures.title, *rows, f"VEREDICTO: {figures.verdict}"]


def _yes(measured: bool | None, yes: str, no: str) -> str:
    return "" if measured is None else yes if measured else no


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
