"""The rehearsal's own runs of a migration on a clone of the copy: all that the verdict claims is measured here."""

from dataclasses import dataclass, field
from pathlib import Path

from psycopg2 import errorcodes
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support import spanish
from steps.support.discretion import code_of
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding, Kind
from steps.support.postgres import columns, psql
from steps.support.postgres.database import Database
from steps.support.postgres.locks import STRONG
from steps.support.postgres.outcome import Outcome
from steps.support.subject import Column, Subject
from steps.support.traffic.watch import Watch

FILE = text("SELECT pg_catalog.pg_relation_filenode(pg_catalog.to_regclass(:relation))")
# What a script that commits by itself says inside a transaction of ours.
NOT_INSIDE = (errorcodes.ACTIVE_SQL_TRANSACTION, errorcodes.INVALID_TRANSACTION_TERMINATION)
# Alembic notes in a table of its own which migration was run last.
VERSIONS = "alembic_version"
NOTED = (Kind.ROWS_LOST, Kind.ROWS_ADDED, Kind.ROWS_CHANGED, Kind.OBJECT_APPEARED)
INSIDE = "SET LOCAL rehearsal.inside = 'yes'"
# In the script's own session, while its locks are held: is it still our transaction, and which strong locks are there?
TOOK = f"""
SELECT pg_catalog.current_setting('rehearsal.inside', true), (
    SELECT pg_catalog.string_agg(DISTINCT mode, ', ') FROM pg_catalog.pg_locks
    WHERE pid = pg_catalog.pg_backend_pid() AND relation = pg_catalog.to_regclass('{{}}') AND mode IN {STRONG!r})
"""


@dataclass
class Judged:
    """What the runs showed. In Spanish: `refused` says why not to migrate, `missing` what could not be measured.

    What was not measured is None. Times are in seconds; `gap` is the longest time between two looks at the locks.
    """

    refused: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    was: dict[str, Column] = field(default_factory=dict)
    became: dict[str, Column] | None = None
    seconds: float | None = None
    held: float | None = None
    gap: float = 0.0
    rewritten: bool | None = None
    same: bool | None = None  # all that was there is as it was
    again: bool | None = None  # a second run changed nothing and took no lock
    undone: bool | None = None  # rolled back, it left nothing; None of a script that commits by itself


def judge(copy: Database, clone: Database, subject: Subject, script: Path, evidence: Evidence) -> Judged:
    """Run the script on the clone, and again; then on the `copy`, which the evidence is of, and roll it back."""
    found = Judged()
    try:
        if _run(found, clone, subject, script, evidence):
            _repeat(found, clone, subject, script, evidence)
            _roll_back(found, copy, subject, script, evidence)
    except DBAPIError as error:
        found.missing.append(f"después del script no se pudo entrar en la copia ni mirarla ({code_of(error)})")
    return found


def _run(found: Judged, clone: Database, subject: Subject, script: Path, evidence: Evidence) -> bool:
    found.was, file = columns.read(clone, subject.relation), _file(clone, subject)
    with Watch(clone, *subject.relations) as watch:
        outcome = psql.run_file(clone, script, ours=script == subject.script)
    found.seconds = outcome.seconds
    if outcome.lost:
        found.missing.append("el script corrió y se cortó su conexión: no se sabe qué hizo")
        return False
    found.held, found.gap = watch.held, watch.gap
    found.became, found.rewritten = columns.read(clone, subject.relation), _file(clone, subject) != file
    lost = _changed(evidence, clone, subject)
    found.same = not lost
    if outcome.succeeded:
        for name, column in subject.columns.items():
            if found.became.get(name) != column:
                kind = Kind.COLUMN_WRONG if name in found.became else Kind.COLUMN_MISSING
                lost.append(Finding(kind, subject.table, name, str(column)))
    else:
        nothing = not lost and found.became == found.was and not evidence.changed_structure(clone)
        found.refused.append(_refusal(outcome, untouched=nothing))
    if watch.held > subject.max_stall:
        limit, held = (f"{seconds * 1000:.0f} ms" for seconds in (subject.max_stall, watch.held))
        lost.append(Finding(Kind.HELD_TOO_LONG, subject.table, "", limit, held))
    elif watch.held + watch.gap > subject.max_stall:
        found.missing.append(
            f"no se sabe si retuvo {subject.table} más de {subject.max_stall * 1000:.0f} ms: se la vio tomada "
            f"{watch.held * 1000:.0f} ms, mirando cada {watch.gap * 1000:.0f} ms"
        )
    found.refused += _said(lost, evidence, subject)
    return outcome.succeeded


def _repeat(found: Judged, clone: Database, subject: Subject, script: Path, evidence: Evidence) -> None:
    """Inside a transaction, where its locks can be seen to the last; as it is, where it commits by itself."""
    outcome, inside, locks = _inside(clone, subject, script)
    if not inside:
        with Watch(clone, *subject.relations) as watch:
            outcome = psql.run_file(clone, script, ours=script == subject.script)
        locks = ", ".join(sorted(watch.strong))
    lost = [] if inside else _said(_changed(evidence, clone, subject), evidence, subject)
    lost = [one for one in lost if one not in found.refused]
    if not outcome.succeeded:
        lost.append(_refusal(outcome, untouched=not lost))
    if locks:
        lost.append(f"bloquea {subject.table} otra vez ({locks}), y no tiene nada que hacer")
    found.again = not lost
    found.refused += [f"al ejecutarlo de nuevo, {one}" for one in lost]


def _roll_back(found: Judged, copy: Database, subject: Subject, script: Path, evidence: Evidence) -> None:
    outcome, inside, _ = _inside(copy, subject, script)
    if not inside:
        return
    lost = _said(evidence.changed_structure(copy), evidence, subject)
    if not outcome.succeeded:
        lost.append(_refusal(outcome, untouched=not lost))
    found.undone = not lost
    found.refused += [f"ejecutado en una transacción que se deshace, {one}" for one in lost]


def _inside(database: Database, subject: Subject, script: Path) -> tuple[Outcome, bool, str]:
    """Run it in a transaction that is rolled back; how it ended, whether it stayed in there, its strong locks."""
    after = ["SET LOCAL search_path = ''", TOOK.format(subject.relation), "ROLLBACK"]
    run = psql.Run(database, script, before=["BEGIN", INSIDE], after=after, ours=script == subject.script)
    outcome = run.outcome()
    if not outcome.succeeded:
        return outcome, outcome.sqlstate not in NOT_INSIDE, ""
    inside, locks = run.printed.splitlines()[-1].split("|")
    return outcome, inside == "yes", locks


def _changed(evidence: Evidence, database: Database, subject: Subject) -> list[Finding]:
    found = evidence.lost_content(database) + evidence.changed_structure(database, allowing=subject)
    return [one for one in found if one.table != VERSIONS or one.kind not in NOTED]


def _said(findings: list[Finding], evidence: Evidence, subject: Subject) -> list[str]:
    """In words: no value, and of names those that the snapshot had, or the migration declares."""
    known = evidence.known | set(subject.columns)
    return [spanish.sentence(one, known) for one in findings]


def _refusal(outcome: Outcome, *, untouched: bool) -> str:
    said = " ".join(line.strip() for line in outcome.error().splitlines())
    how = "el script se negó y no cambió nada" if untouched else "el script terminó con error y dejó cambios"
    return f"{how}. Lo que dice: {said}"


def _file(database: Database, subject: Subject) -> int | None:
    with database.connect() as connection:
        return connection.execute(FILE, {"relation": subject.relation}).scalar()
