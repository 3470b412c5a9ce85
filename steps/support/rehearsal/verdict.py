"""What a rehearsal comes to: one of three states, its figures, and one sentence that a DBA signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steps.support import spanish
from steps.support.attachable import Figure, Figures
from steps.support.rehearsal.judge import Judged
from steps.support.rehearsal.restore import LeftOut
from steps.support.subject import Subject


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
    counts: Mapping[str, int] = field(default_factory=dict)  # rows, by table
    tenants: int = 0
    restore_seconds: float = 0.0
    interrupted: bool = False

    @property
    def missing(self) -> list[str]:
        """What keeps the rehearsal from being whole, in Spanish."""
        concerned = ", ".join(str(one) for one in self.left if one.concerns(self.subject.table))
        return [
            *["el ensayo se interrumpió"] * self.interrupted,
            *self.judged.missing,
            *["el script no llegó a ejecutarse"] * (self.judged.seconds is None),
            *[f"no se restauró todo lo de {self.subject.table}: {concerned}"] * bool(concerned),
        ]

    @property
    def state(self) -> str:
        """The verdict for a machine: accepted, refused or incomplete."""
        if self.judged.refused:
            return "refused"
        measured = self.judged.same and self.judged.again and self.counts
        return "accepted" if measured and not self.missing else "incomplete"

    @property
    def accepted(self) -> bool:
        """Whether it may be migrated: it was measured whole, and there is no reason against it."""
        return self.state == "accepted"

    @property
    def verdict(self) -> str:
        """The sentence."""
        refused, missing = self.judged.refused, self.missing
        if self.state == "refused":
            more = f" (y {len(refused) - 1} motivos más)" if len(refused) > 1 else ""
            return f"no se puede migrar: {refused[0].rstrip('.')}{more}."
        if self.state == "incomplete":
            return f"incompleto, no alcanza para migrar: {'; '.join(missing) or 'no se midió todo'}."
        return (
            f"se puede migrar: {self._rows()} quedaron exactamente como estaban, y la tabla estuvo bloqueada "
            f"{self._most()} como máximo."
        )

    def figures(self) -> Figures:
        """What every output shows of it; the reasons against it come first."""
        shown = [Figure(name, value) for name, value in self._figures().items() if value]
        return Figures(f"Ensayo de {self.subject.name} sobre datos reales", self.verdict, shown, self.state)

    def _figures(self) -> Mapping[str, str]:
        judged, lacking = self.judged, ", ".join(self.lacking)
        columns = {name: name in judged.was for name in self.subject.columns if name in (judged.became or ())}
        extensions = [f"extensiones que este servidor no tiene: {lacking}"] * bool(lacking)
        return {
            "No se puede": "\n".join(judged.refused),
            "Falta": "\n".join(self.missing),
            "Copia ensayada": f"{self.snapshot}, en Postgres {self.server}",
            "Tablas y filas": f"{len(self.counts)} tablas, {spanish.whole(sum(self.counts.values()))} filas"
            if self.counts
            else "",
            self.subject.rows.capitalize(): self._rows() if self.counts else "",
            "Columnas agregadas": ", ".join(name for name, was in columns.items() if not was),
            "Columnas que ya estaban": ", ".join(name for name, was in columns.items() if was),
            "Lo que había antes": _yes(judged.same, "igual, fila por fila", "CAMBIÓ"),
            "Tabla bloqueada, como máximo": "" if judged.held is None else self._most(),
            "Ejecutado de nuevo": _yes(judged.again, "no cambia nada ni bloquea la tabla", "CAMBIA ALGO"),
            "Ejecutado y deshecho": _yes(judged.undone, "no deja nada", "DEJA ALGO"),
            "Migración": spanish.wait(judged.seconds) if judged.seconds else "",
            "Restauración": spanish.wait(self.restore_seconds) if self.restore_seconds else "",
            "Quedó afuera": "\n".join([*map(str, self.left), *extensions]),
            "Para mirar antes": "\n".join(self.look),
        }

    def _most(self) -> str:
        return f"{((self.judged.held or 0) + self.judged.gap) * 1000:.0f} ms"

    def _rows(self) -> str:
        of, count = self.subject.tenant, self.tenants
        whose = f" de {spanish.whole(count)} {of.one if count == 1 else of.many}" if of and count else ""
        return f"{spanish.whole(self.counts[self.subject.table])} {self.subject.rows}{whose}"


def lines(figures: Figures) -> list[str]:
    """What a person reads of a verdict on a terminal."""
    width = max(len(figure.name) for figure in figures.figures)
    more = f"\n  {'':<{width}}  "
    rows = [f"  {figure.name:<{width}}  {figure.value.replace(chr(10), more)}" for figure in figures.figures]
    return [figures.title, *rows, f"VEREDICTO: {figures.verdict}"]


def _yes(measured: bool | None, yes: str, no: str) -> str:
    return "" if measured is None else yes if measured else no
