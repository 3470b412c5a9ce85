"""The rehearsal's own runs of a migration on a clone of the copy: all that the verdict claims is measured here."""

from dataclasses import dataclass

from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding, Kind
from steps.support.postgres import columns, psql
from steps.support.postgres.database import Database
from steps.support.postgres.locks import STRONG, family
from steps.support.postgres.outcome import Outcome, code_of
from steps.support.rehearsal.verdict import AGAIN, LOCKED, RAN, SAME, Rehearsed
from steps.support.traffic.watch import Watch

# Alembic notes in a table of its own which migration was run last.
VERSIONS = "alembic_version"
NOTED = (Kind.ROWS_LOST, Kind.ROWS_ADDED, Kind.ROWS_CHANGED, Kind.OBJECT_APPEARED)
# What a script that commits by itself says inside a transaction of ours.
NOT_INSIDE = (errorcodes.ACTIVE_SQL_TRANSACTION, errorcodes.INVALID_TRANSACTION_TERMINATION)
INSIDE = "SET LOCAL rehearsal.inside = 'yes'"
# In the script's own session, while its locks are held: is it still our transaction, did it write, which strong locks
# are there? A transaction that writes nothing has no number.
TOOK = f"""
SELECT pg_catalog.current_setting('rehearsal.inside', true), pg_catalog.pg_current_xact_id_if_assigned(), (
    SELECT pg_catalog.string_agg(DISTINCT mode, ', ') FROM pg_catalog.pg_locks
    WHERE pid = pg_catalog.pg_backend_pid() AND relation IN (SELECT oid FROM family) AND mode IN {STRONG!r})
"""


@dataclass
class Judge:
    """Runs the script on copies and writes the results into `found`."""

    found: Rehearsed
    evidence: Evidence

    def judge(self, copy: Database, clone: Database) -> None:
        """Run the script on the clone, and again; then on the copy, in a transaction that is rolled back."""
        self.found.measured[RAN] = "no terminó"
        try:
            if self._run(clone):
                self._repeat(clone)
                self._roll_back(copy)
        except (DBAPIError, RuntimeError) as error:  # the latter is the watch's, which lost its connection
            self.found.unmeasured.append(f"el script corrió, y no se pudo mirar qué hizo ({code_of(error)})")

    def _run(self, clone: Database) -> bool:
        found, subject = self.found, self.found.subject
        was = columns.read(clone, subject.relation)
        outcome, watch = self._watched(clone)
        found.measured[RAN] = spanish.duration(outcome.seconds)
        if outcome.lost:
            found.unmeasured.append("el script corrió y se cortó su conexión: no se sabe qué hizo")
            return False
        became, lost = columns.read(clone, subject.relation), self._changed(clone)
        there = [name for name in subject.columns if name in became]
        found.measured["Columnas agregadas"] = ", ".join(name for name in there if name not in was) or "ninguna"
        found.measured["Columnas que ya estaban"] = ", ".join(name for name in there if name in was) or "ninguna"
        found.measured[SAME] = "CAMBIÓ" if lost else "igual, fila por fila"
        if not outcome.succeeded:
            whole = not lost and became == was and not self.evidence.changed_structure(clone)
            found.refused.append(_refusal(outcome, untouched=whole))
        for name, column in subject.columns.items() if outcome.succeeded else ():
            lost += columns.wrong(subject.table, name, column, became.get(name))
        if outcome.succeeded and subject.facts:
            lost += structure.wrong(structure.facts(clone), subject.facts)
        held, most, gap = (f"{seconds * 1000:.0f} ms" for seconds in (watch.held, subject.max_stall, watch.gap))
        found.measured[LOCKED] = f"{(watch.held + watch.gap) * 1000:.0f} ms"
        if watch.held > subject.max_stall:
            lost.append(Finding(Kind.HELD_TOO_LONG, subject.table, "", most, held))
        elif watch.held + watch.gap > subject.max_stall:
            found.unmeasured.append(f"pudo retener {subject.table} más de {most}: tomada {held}, mirando cada {gap}")
        found.refused += self._said(lost)
        return outcome.succeeded

    def _repeat(self, clone: Database) -> None:
        """Run it again in a transaction, where all its locks show. If it wrote or failed, run it once more outside."""
        outcome, inside, wrote, locks = self._inside(clone)
        lost: list[str] = []
        if wrote or not (inside and outcome.succeeded):
            outcome, watch = self._watched(clone)
            locks = locks or ", ".join(sorted(watch.strong))
            lost = [one for one in self._said(self._changed(clone)) if one not in self.found.refused]
        if not outcome.succeeded:
            lost.append(_refusal(outcome, untouched=not lost))
        if locks:
            lost.append(f"bloquea {self.found.subject.table} otra vez ({locks}), y no tiene nada que hacer")
        self.found.measured[AGAIN] = "CAMBIA ALGO" if lost else "no cambia nada ni bloquea la tabla"
        self.found.refused += [f"al ejecutarlo de nuevo, {one}" for one in lost]

    def _roll_back(self, copy: Database) -> None:
        outcome, inside, *_ = self._inside(copy)
        if inside:
            lost = self._said(self.evidence.changed_structure(copy))
            if not outcome.succeeded:
                lost.append(_refusal(outcome, untouched=not lost))
            self.found.measured["Ejecutado y deshecho"] = "DEJA ALGO" if lost else "no deja nada"
            self.found.refused += [f"ejecutado en una transacción que se deshace, {one}" for one in lost]

    def _watched(self, database: Database) -> tuple[Outcome, Watch]:
        with Watch(database, *self.found.subject.relations) as watch:
            return psql.run_file(database, self.found.script, ours=self.found.shipped), watch

    def _inside(self, database: Database) -> tuple[Outcome, bool, bool, str]:
        """Returns the outcome, whether it stayed in our transaction, whether it wrote, and its strong locks."""
        after = ["SET LOCAL search_path = ''", family(*self.found.subject.relations) + TOOK, "ROLLBACK"]
        run = psql.Run(database, self.found.script, before=["BEGIN", INSIDE], after=after, ours=self.found.shipped)
        outcome = run.outcome()
        if not outcome.succeeded:
            return outcome, outcome.sqlstate not in NOT_INSIDE, False, ""
        inside, wrote, locks = run.printed.splitlines()[-1].split("|")
        return outcome, inside == "yes", bool(wrote), locks

    def _changed(self, database: Database) -> list[Finding]:
        changed = self.evidence.changed_structure(database, allowing=self.found.subject)
        found = self.evidence.lost_content(database) + changed
        return [one for one in found if one.table != VERSIONS or one.kind not in NOTED]

    def _said(self, findings: list[Finding]) -> list[str]:
        """In words: no value, and of names those that the snapshot had, or the migration declares."""
        known = self.evidence.known | self.found.subject.names
        return [spanish.sentence(one, known) for one in findings]


def _refusal(outcome: Outcome, *, untouched: bool) -> str:
    said = " ".join(line.strip() for line in outcome.error().splitlines())
    how = "el script se negó y no cambió nada" if untouched else "el script terminó con error y dejó cambios"
    return f"{how}. Lo que dice: {said}"
