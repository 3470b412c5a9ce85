"""What a rehearsal comes to: one of three states, its figures, and one sentence that a DBA signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steps.support import spanish
from steps.support.finding import Figures
from steps.support.rehearsal.restore import LeftOut
from steps.support.subject import Subject

RAN, SAME, LOCKED, AGAIN = "Migración", "Lo que había antes", "Tabla bloqueada, como máximo", "Ejecutado de nuevo"


@dataclass
class Rehearsed:
    """A migration on a copy: what it ran on, what the runs showed, what of the copy is not there.

    In Spanish, `refused` says why not to migrate, `unmeasured` what could not be measured; `measured` are figures, by
    name: what was not measured is not there.
    """

    subject: Subject
    script: Path
    snapshot: str
    server: str
    refused: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    measured: dict[str, str] = field(default_factory=dict)
    left: Sequence[LeftOut] = ()
    look: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # rows, by table
    tenants: int = 0
    restore_seconds: float = 0.0
    interrupted: bool = False

    @property
    def shipped(self) -> bool:
        """Whether the script is ours, whose own words quote no row."""
        return self.script == self.subject.script

    @property
    def concerned(self) -> str:
        """What is not there and has to do with the migration's table."""
        return ", ".join(str(one) for one in self.left if one.concerns(self.subject.table))

    @property
    def missing(self) -> list[str]:
        """What keeps the rehearsal from being whole, in Spanish."""
        return [
            *["el ensayo se interrumpió"] * self.interrupted,
            *self.unmeasured,
            *["el script no llegó a ejecutarse"] * (RAN not in self.measured),
            *[f"no se restauró todo lo de {self.subject.table}: {self.concerned}"] * bool(self.concerned),
        ]

    @property
    def state(self) -> str:
        """The verdict for a machine: accepted (measured whole, no reason against it), refused or incomplete."""
        if self.refused:
            return "refused"
        whole = {RAN, SAME, LOCKED, AGAIN} <= set(self.measured)
        return "accepted" if whole and not self.missing else "incomplete"

    @property
    def verdict(self) -> str:
        """The sentence."""
        if self.state == "refused":
            first, *others = self.refused
            more = f" (y {len(others)} {'motivo' if len(others) == 1 else 'motivos'} más)" * bool(others)
            return f"no se puede migrar: {first.rstrip('.')}{more}."
        if self.state == "incomplete":
            return f"incompleto, no alcanza para migrar: {'; '.join(self.missing) or 'no se midió todo'}."
        return (
            f"se puede migrar: {self._rows()} quedaron exactamente como estaban, y la tabla estuvo bloqueada "
            f"{self.measured[LOCKED]} como máximo."
        )

    def figures(self) -> Figures:
        """What every output shows of it; the reasons against it come first."""
        rows = spanish.whole(sum(self.counts.values()))
        found = {
            "No se puede": "\n".join(self.refused),
            "Copia ensayada": f"{self.snapshot}, en Postgres {self.server}",
            "Tablas y filas": f"{len(self.counts)} tablas, {rows} filas" * bool(self.counts),
            self.subject.rows.capitalize(): self._rows() if self.counts else "",
            **self.measured,
            "Restauración": spanish.duration(self.restore_seconds) if self.restore_seconds else "",
            "Quedó afuera": "\n".join(map(str, self.left)),
            "Para mirar antes": "\n".join(self.look),
        }
        shown = {name: value for name, value in found.items() if value}
        return Figures(f"Ensayo de {self.subject.name} sobre datos reales", self.verdict, shown, self.state)

    def _rows(self) -> str:
        of, count = self.subject.tenant, self.tenants
        whose = f" de {spanish.whole(count)} {of.one if count == 1 else of.many}" if of and count else ""
        return f"{spanish.whole(self.counts[self.subject.table])} {self.subject.rows}{whose}"


def lines(figures: Figures) -> list[str]:
    """What a person reads of a verdict on a terminal."""
    width = max(map(len, figures.figures))
    more = f"\n  {'':<{width}}  "
    rows = [f"  {name:<{width}}  {value.replace(chr(10), more)}" for name, value in figures.figures.items()]
    return [figures.title, *rows, f"VEREDICTO: {figures.verdict}"]
