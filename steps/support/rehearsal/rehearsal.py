"""One rehearsal: what it runs on, what was done on it, what it found out."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support.declared import Product
from steps.support.discretion import code_of
from steps.support.errors import SnapshotError
from steps.support.evidence import content
from steps.support.evidence.before_after import Evidence
from steps.support.postgres import columns, psql
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.server import Server
from steps.support.rehearsal import judgement
from steps.support.rehearsal.endings import Ending, missing
from steps.support.rehearsal.findings import Findings
from steps.support.rehearsal.judgement import Judged
from steps.support.rehearsal.left_out import LeftOut
from steps.support.rehearsal.look_at import look_at
from steps.support.rehearsal.out_of_room import room
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.shut_out import ShutOutError, told
from steps.support.rehearsal.snapshot import Snapshot
from steps.support.subject import Column, Subject
from steps.support.traffic.watch import Watch


@dataclass
class Observed:
    """What is known of one migration on the copy: its columns before, the rehearsal's own run, how scenarios ended."""

    was: dict[str, Column] | None = None
    tenants: int | None = None
    judged: Judged | None = None
    shut_out: str = ""  # what the run did after which nothing could be looked at
    longest_lock: float = 0.0  # of scenarios' runs
    look_at: Sequence[str] = ()
    endings: Sequence[Ending] = ()


@dataclass
class Rehearsal:
    """A snapshot restored, and what runs of the migrations whose table it has showed on it.

    `trouble` is what kept it from being whole, in Spanish; it is never accepted with any.
    """

    snapshot: Snapshot
    server: Server
    product: Product
    left_out: LeftOut = field(default_factory=LeftOut)
    evidence: Evidence | None = None
    restore_seconds: float | None = None
    evidence_seconds: float | None = None
    trouble: list[str] = field(default_factory=list)
    observed: dict[Subject, Observed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        there = [one for one in self.product.subjects if one.table in self.snapshot.tables and not one.optional]
        self.observed = {one: Observed() for one in there}

    def fill(self, database: Database) -> None:
        """Restore the snapshot into the database and take evidence of it; raises SnapshotError when it cannot be."""
        try:
            with room("to restore the snapshot"):
                self._fill(database)
        except DBAPIError as error:
            raise SnapshotError(f"{self.snapshot.label} cannot be read once restored ({code_of(error)}).") from error

    def _fill(self, database: Database) -> None:
        started = time.monotonic()
        self.left_out = restore(self.snapshot, database, self.server)
        self.restore_seconds = time.monotonic() - started
        for subject, observed in self.observed.items():
            observed.was = columns.read(database, subject.relation)
            observed.look_at = look_at(database, subject, observed.was)
            if subject.tenant and subject.tenant.column in observed.was:
                count = text(f"SELECT count(DISTINCT {subject.tenant.column}) FROM {subject.relation}")
                with database.connect() as connection:
                    observed.tenants = connection.execute(count).scalar_one()
        started = time.monotonic()
        self.evidence = Evidence.take(database, database, self.product.tenant)
        self.evidence_seconds = time.monotonic() - started

    def judge(self, subject: Subject, script: Path, evidence: Evidence, clone: Callable[[], Database]) -> None:
        """Run a migration on a clone, and keep what it showed; a failure to find out is kept as trouble."""
        observed, database = self.observed[subject], clone()
        try:
            observed.was = columns.read(database, subject.relation)
            with room("to try the migration on the copy"), told(database, self.server, judgement.LostServerError):
                observed.judged = judgement.judge(database, subject, script, evidence)
        except ShutOutError as error:
            observed.shut_out = str(error)
        except judgement.LostServerError:
            self.trouble.append("el servidor del ensayo dejó de responder mientras corría el script")
        except DBAPIError as error:
            self.trouble.append(f"no se pudo medir lo que dejó el script ({code_of(error)})")

    def refused(self, subject: Subject) -> bool:
        """Whether its script itself said no, or shut us out: the migration's scenarios would all say that once more."""
        observed = self.observed[subject]
        return bool(observed.shut_out or (observed.judged and observed.judged.refused))

    def run(
        self, database: Database, subject: Subject, script: Path, settings: Mapping[str, str] | None = None
    ) -> Outcome:
        """Run a subject's script for a scenario, watched."""
        observed = self.observed[subject]
        with Watch(database, *subject.relations) as watch:
            outcome = psql.run_file(database, script, settings, ours=script == subject.script)
        observed.longest_lock = max(observed.longest_lock, watch.held + watch.gap)
        return outcome

    def conclude(self, endings: Mapping[Subject, Sequence[Ending]], *, interrupted: bool) -> None:
        """Note how every scenario ended, and whether somebody ended the run."""
        for subject, observed in self.observed.items():
            observed.endings = endings.get(subject, ())
        self.trouble += ["el ensayo se interrumpió"] * interrupted

    def findings(self) -> list[Findings]:
        """What there is to say, of each migration whose table the snapshot has."""
        return [self._findings(one, observed) for one, observed in self.observed.items()]

    def _findings(self, subject: Subject, observed: Observed) -> Findings:
        judged, was = observed.judged, observed.was
        failed = [f"no se cumple «{one.title}»: {one.reason}" for one in observed.endings if one.failed]
        refused = self.refused(subject)
        lacking = [*self.trouble, *missing(observed.endings, refused=refused)]
        if not (judged or observed.shut_out):
            lacking.insert(0, "el script no llegó a ensayarse")
        if self.left_out.touching(subject.table):
            lacking.append(f"no se restauró todo lo de {subject.table}: {self.left_out.touching(subject.table)}")
        found = Findings(
            subject=subject,
            snapshot=self.snapshot.label,
            server=self.server.version,
            problems=(*[observed.shut_out] * bool(observed.shut_out), *(judged.problems if judged else ()), *failed),
            missing=tuple(lacking),
            left_out=tuple(self.left_out.lines()),
            unrehearsed=tuple(self.left_out.unrehearsed()),
            look_at=(
                *self.snapshot.look_at,
                *observed.look_at,
                *(f"{one.title}: {one.reason}" for one in observed.endings if not (one.applies or refused)),
            ),
            tenants=observed.tenants,
            evidence_seconds=self.evidence_seconds,
            restore_seconds=self.restore_seconds,
            **self._counted(subject),
        )
        return replace(found, **judged.figures(subject, was, observed.longest_lock)) if judged and was else found

    def _counted(self, subject: Subject) -> dict[str, Any]:
        if not self.evidence:
            return {}
        taken = self.evidence.contents
        return {
            "tables": len(taken),
            "rows": sum(one.rows for one in taken.values()),
            "own_rows": next((one.rows for table, one in taken.items() if table.name == subject.table), None),
            "evidence_before": content.digest(taken),
        }
