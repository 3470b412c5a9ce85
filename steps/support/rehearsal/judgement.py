"""The rehearsal's own run of a migration, on a copy of its own: all that the verdict claims is measured here.

Whatever scenarios are selected, the verdict rests on this run: a scenario can take a yes away and never give one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from steps.support import spanish
from steps.support.evidence import content
from steps.support.evidence.before_after import Evidence
from steps.support.evidence.content import Contents
from steps.support.postgres import columns, psql
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.subject import Column, Subject
from steps.support.traffic.watch import Watch

FILE = text("SELECT coalesce(pg_relation_filenode(to_regclass(:relation)), 0)")


class LostServerError(RuntimeError):
    """The server went away under the script: nothing is known of the script."""


@dataclass(frozen=True)
class Judged:
    """What the run showed. `problems` say in Spanish why not to migrate; without any there is no reason against it.

    `became` are the table's columns afterwards, `longest_lock` what was seen of its lock with the longest time between
    two looks, in seconds; `before` and `contents` are what every table held before and afterwards.
    """

    outcome: Outcome
    became: dict[str, Column]
    longest_lock: float
    rewritten: bool
    before: Contents
    contents: Contents
    problems: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether the script itself said no."""
        return not self.outcome.succeeded

    def figures(self, subject: Subject, was: Mapping[str, Column], longest_lock: float) -> dict[str, Any]:
        """What it showed as findings have it, given the columns before and the `longest_lock` of other runs."""
        there = [name for name in subject.columns if name in was]
        converged = tuple(name for name in there if self.became.get(name) != was[name])
        return {
            "added": tuple(name for name in subject.columns if name in self.became and name not in was),
            "converged": converged,
            "kept": tuple(name for name in there if name not in converged),
            "longest_lock": max(self.longest_lock, longest_lock),
            "rewritten": self.rewritten,
            "evidence_before": content.digest(self.before),
            "evidence_after": content.digest(self.contents),
            "migration_seconds": self.outcome.seconds,
        }


def judge(
    database: Database,
    subject: Subject,
    script: Path,
    evidence: Evidence,
) -> Judged:
    """Run the script on a clone of what the evidence was taken of, compare everything; raises LostServerError."""
    before = _file(database, subject)
    with Watch(database, *subject.relations) as watch:
        outcome = psql.run_file(database, script, ours=script == subject.script)
    if outcome.lost:
        raise LostServerError
    became = columns.read(database, subject.relation)
    changed = _changed(database, subject, evidence)
    problems = [_first_line(line) for line in changed]
    if not outcome.succeeded:
        problems.insert(0, _refusal(outcome, harmless=not changed))
    else:
        problems += [
            f"la columna {name} no queda como se pide: {became.get(name, 'no existe')}, y se pide {column}"
            for name, column in subject.columns.items()
            if became.get(name) != column
        ]
    if watch.held > subject.max_stall:
        problems.append(
            f"retuvo la tabla {subject.table} {watch.held * 1000:.0f} ms, y promete no pasar de "
            f"{subject.max_stall * 1000:.0f} ms"
        )
    return Judged(
        outcome=outcome,
        became=became,
        longest_lock=watch.held + watch.gap,
        rewritten=_file(database, subject) != before,
        before=evidence.contents,
        contents={**evidence.contents, **evidence.after},
        problems=tuple(problems),
    )


def _changed(database: Database, subject: Subject, evidence: Evidence) -> list[str]:
    found = evidence.lost_content(database) + evidence.changed_structure(database, allowing=subject)
    known = {*evidence.known, *subject.columns}
    return [spanish.sentence(finding, known) for finding in found]


def _refusal(outcome: Outcome, *, harmless: bool) -> str:
    said = " ".join(line.strip() for line in outcome.error().splitlines())
    if harmless:
        return f"el script se negó y no cambió nada. Primero hay que resolver lo que dice: {said}"
    return f"el script terminó con error y dejó cambios. Lo que dice: {said}"


def _first_line(text: str) -> str:
    return text.splitlines()[0]


def _file(database: Database, subject: Subject) -> int:
    with database.connect() as connection:
        return int(connection.execute(FILE, {"relation": subject.relation}).scalar_one())
