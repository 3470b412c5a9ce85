"""One rehearsal: what it runs on, what is watched while it runs, what it found out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from steps.support.harness.concurrency.watch import Watch
from steps.support.harness.databases import columns, psql
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.evidence import content
from steps.support.harness.evidence.before_after import Evidence
from steps.support.harness.product import Product
from steps.support.harness.rehearsal.findings import Findings, verdict
from steps.support.harness.rehearsal.out_of_room import room
from steps.support.harness.rehearsal.restore import LeftOut, restore
from steps.support.harness.rehearsal.snapshot import Snapshot
from steps.support.harness.servers.server import Server
from steps.support.harness.subject import Column, Subject

TAG = "datos"  # of the scenarios about existing data
FILE = text("SELECT coalesce(pg_relation_filenode(to_regclass(:relation)), 0)")


@dataclass
class Observed:
    """What runs of one migration showed on the copy: its columns before and after the first, the longest lock."""

    runs: list[Outcome] = field(default_factory=list)
    longest_lock: float = 0.0
    rewritten: bool = False
    was: dict[str, Column] = field(default_factory=dict)
    became: dict[str, Column] = field(default_factory=dict)
    tenants: int = 0
    ended: dict[str, str] = field(default_factory=dict)  # title -> how its failure begins, '' for success


@dataclass
class Rehearsal:
    """A snapshot restored, and what runs of the migrations whose table it has showed on it."""

    snapshot: Snapshot
    server: Server
    product: Product
    left_out: LeftOut = field(default_factory=LeftOut)
    evidence: Evidence | None = None
    restore_seconds: float = 0.0
    evidence_seconds: float = 0.0
    awaited: int = 0  # scenarios that are to end
    observed: dict[Subject, Observed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.observed = {one: Observed() for one in self.product.subjects if one.table in self.snapshot.tables}

    @property
    def ended(self) -> int:
        """How many scenarios have ended."""
        return sum(len(one.ended) for one in self.observed.values())

    def fill(self, database: Database) -> None:
        """Restore the snapshot into the database and take evidence of it; raises SnapshotError when it cannot be."""
        with room("to restore the snapshot"):
            self._fill(database)

    def _fill(self, database: Database) -> None:
        started = time.monotonic()
        self.left_out = restore(self.snapshot, database)
        self.restore_seconds = time.monotonic() - started
        for subject, observed in self.observed.items():
            observed.was = columns.read(database, subject.relation)
            if subject.tenant and subject.tenant.column in observed.was:
                count = text(f"SELECT count(DISTINCT {subject.tenant.column}) FROM {subject.relation}")
                with database.connect() as connection:
                    observed.tenants = connection.execute(count).scalar_one()
        started = time.monotonic()
        self.evidence = Evidence.take(database, database, self.product.tenant)
        self.evidence_seconds = time.monotonic() - started

    def run(
        self, database: Database, subject: Subject, script: Path, settings: Mapping[str, str] | None = None
    ) -> Outcome:
        """Run a subject's script on a clone of the snapshot, watched."""
        observed = self.observed[subject]
        before = _file(database, subject)
        with Watch(database, subject.relation) as watch:
            outcome = psql.run_file(database, script, settings)
        if not observed.runs:
            observed.became = columns.read(database, subject.relation)
        observed.runs.append(outcome)
        observed.longest_lock = max(observed.longest_lock, watch.held + watch.gap)
        observed.rewritten = observed.rewritten or _file(database, subject) != before
        return outcome

    def end_of(self, subject: Subject, title: str, failure: str) -> list[Findings]:
        """Note how a scenario ended; the findings, when it was the last."""
        self.observed[subject].ended[title] = " ".join(line.strip() for line in failure.strip().splitlines()[:2])
        return self.findings() if self.ended >= self.awaited else []

    def findings(self) -> list[Findings]:
        """What there is to say so far, of each migration that was rehearsed."""
        return [self._findings(one, observed) for one, observed in self.observed.items() if observed.ended]

    def _findings(self, subject: Subject, observed: Observed) -> Findings:
        assert self.evidence
        taken = self.evidence.contents
        rows = next((one.rows for table, one in taken.items() if table.name == subject.table), 0)
        failed = tuple(title for title, failure in observed.ended.items() if failure)
        reason = observed.ended[failed[0]] if failed else ""
        there = [name for name in subject.columns if name in observed.was]
        converged = tuple(name for name in there if observed.runs and observed.became.get(name) != observed.was[name])
        return Findings(
            subject=subject,
            snapshot=self.snapshot.label,
            server=self.server.version,
            tables=len(taken),
            rows=sum(one.rows for one in taken.values()),
            own_rows=rows,
            tenants=observed.tenants,
            added=tuple(name for name in subject.columns if name in observed.became and name not in observed.was),
            converged=converged,
            kept=tuple(name for name in there if name not in converged),
            longest_lock=observed.longest_lock,
            rewritten=observed.rewritten,
            evidence_before=content.digest(taken),
            evidence_after=content.digest({**taken, **self.evidence.after}),
            migration_seconds=observed.runs[0].seconds if observed.runs else 0.0,
            evidence_seconds=self.evidence_seconds,
            restore_seconds=self.restore_seconds,
            scenarios=len(observed.ended),
            failed=failed,
            left_out=tuple(self.left_out.lines()),
            verdict=verdict(
                subject, rows, observed.tenants, longest_lock=observed.longest_lock, failed=failed, reason=reason
            ),
        )


def _file(database: Database, subject: Subject) -> int:
    with database.connect() as connection:
        return int(connection.execute(FILE, {"relation": subject.relation}).scalar_one())
