"""What a rehearsal found out, in Spanish: for the terminal and for the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.support.harness import spanish
from steps.support.harness.attachable import Figure, Figures
from steps.support.harness.subject import Subject

TITLE = "Ensayo sobre datos reales"
MANY = 100_000


@dataclass(frozen=True)
class Findings:
    """The result of one rehearsal. Times are in seconds; nothing in it is anybody's data.

    `subject` is the migration. `added`, `converged` and `kept` name its columns: new, brought to the
    specification, or as they were. `longest_lock` is what was seen and the longest time between two looks.
    `evidence_before` and `evidence_after` are equal when no value of any row that existed has changed. `left_out`
    says in Spanish what of the snapshot could not be restored.
    """

    subject: Subject
    snapshot: str
    server: str
    tables: int
    rows: int
    own_rows: int  # of the migration's table
    tenants: int
    added: tuple[str, ...]
    converged: tuple[str, ...]
    kept: tuple[str, ...]
    longest_lock: float
    rewritten: bool
    evidence_before: str
    evidence_after: str
    migration_seconds: float
    evidence_seconds: float
    restore_seconds: float
    scenarios: int
    failed: tuple[str, ...]
    left_out: tuple[str, ...]
    verdict: str

    def figures(self) -> Figures:
        """What the report shows of it; the verdict comes first."""
        left_out = [("Quedó afuera", what) for what in self.left_out]
        rows = [("Veredicto", self.verdict), *self._rows(), *left_out]
        return Figures(TITLE, [Figure(name, value) for name, value in rows])

    def lines(self) -> list[str]:
        """The same as a person reads it on a terminal."""
        rows = self._rows()
        width = max(len(name) for name, _ in rows)
        lines = [f"  {name:<{width}}  {value}" for name, value in rows]
        return [TITLE, *lines, *(f"  Quedó afuera: {what}" for what in self.left_out), f"VEREDICTO: {self.verdict}"]

    def _rows(self) -> list[tuple[str, str]]:
        same = "la misma" if self.evidence_before == self.evidence_after else "DISTINTA"
        return [
            ("Copia ensayada", f"{self.snapshot}, en Postgres {self.server}"),
            (
                "Tablas y filas",
                f"{self.tables} tablas, {spanish.whole(self.rows)} filas",
            ),
            (self.subject.rows.capitalize(), _of_tenants(self.subject, self.own_rows, self.tenants)),
            ("Columnas agregadas", ", ".join(self.added) or "ninguna"),
            ("Columnas llevadas a la especificación", ", ".join(self.converged) or "ninguna"),
            ("Columnas que ya estaban", ", ".join(self.kept) or "ninguna"),
            ("Tabla bloqueada, como máximo", f"{self.longest_lock * 1000:.0f} ms"),
            ("Tabla reescrita", "SÍ" if self.rewritten else "no"),
            ("Evidencia antes y después", f"{self.evidence_before} y {self.evidence_after}: {same}"),
            ("Migración", _took(self.migration_seconds, self.own_rows, self.subject.rows)),
            ("Evidencia", _took(self.evidence_seconds, self.rows, "filas")),
            ("Restauración", spanish.wait(self.restore_seconds)),
        ]


def _took(seconds: float, count: int, of: str) -> str:
    """The time; of many also the rate. Of few a rate would multiply what does not grow with them."""
    rate = f" ({spanish.wait(seconds / count * 1e6)} por millón de {of})" if count >= MANY else ""
    return spanish.wait(seconds) + rate


def _of_tenants(subject: Subject, rows: int, tenants: int) -> str:
    of = f" de {spanish.whole(tenants)} {subject.tenant.many}" if subject.tenant else ""
    return f"{spanish.whole(rows)}{of}"


def verdict(
    subject: Subject, rows: int, tenants: int, *, longest_lock: float, failed: Sequence[str], reason: str
) -> str:
    """One sentence: whether to migrate these data, and why not."""
    count, _, of = _of_tenants(subject, rows, tenants).partition(" ")
    whose = f"{count} {subject.rows} {of}".rstrip()
    if failed:
        return f"no hay que migrar estos datos ({whose}): no se cumple «{failed[0]}»: {reason}"
    return (
        f"se puede migrar: {whose} quedaron exactamente como estaban, "
        f"y la tabla estuvo bloqueada {longest_lock * 1000:.0f} ms como máximo."
    )
