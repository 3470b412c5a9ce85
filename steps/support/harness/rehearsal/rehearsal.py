"""One rehearsal: what it runs on, what is watched while it runs, what it found out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from steps.support.harness.concurrency.watch import Watch
from steps.support.harness.databases import psql
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.evidence import content
from steps.support.harness.evidence.before_after import Evidence
from steps.support.harness.evidence.tables import CLINIC
from steps.support.harness.rehearsal.findings import Findings, verdict
from steps.support.harness.rehearsal.out_of_room import room
from steps.support.harness.rehearsal.restore import LeftOut, restore
from steps.support.harness.rehearsal.snapshot import Snapshot
from steps.support.harness.servers.server import Server
from steps.support.spec import columns

TAG = "datos"  # of the scenarios about existing data
FILE = text("SELECT coalesce(pg_relation_filenode(to_regclass('public.patients')), 0)")
_CLINICS = f"SELECT count(DISTINCT {CLINIC}) FROM public.patients"


@dataclass
class Rehearsal:
    """A snapshot restored, and what its runs of the script showed."""

    snapshot: Snapshot
    server: Server
    left_out: LeftOut = field(default_factory=LeftOut)
    evidence: Evidence | None = None
    clinics: int = 0
    restore_seconds: float = 0.0
    evidence_seconds: float = 0.0
    awaited: int = 0  # scenarios that are to end
    ended: dict[str, str] = field(default_factory=dict)  # title -> how its failure begins, '' for success
    runs: list[Outcome] = field(default_factory=list)
    longest_lock: float = 0.0
    rewritten: bool = False
    was: dict[str, columns.Column] = field(default_factory=dict)
    became: dict[str, columns.Column] = field(default_factory=dict)

    def fill(self, database: Database) -> None:
        """Restore the snapshot into the database and take evidence of it; raises SnapshotError when it cannot be."""
        with room("to restore the snapshot"):
            self._fill(database)

    def _fill(self, database: Database) -> None:
        started = time.monotonic()
        self.left_out = restore(self.snapshot, database)
        self.restore_seconds = time.monotonic() - started
        self.was = columns.read(database)
        if CLINIC in self.was:
            with database.connect() as connection:
                self.clinics = connection.execute(text(_CLINICS)).scalar_one()
        started = time.monotonic()
        self.evidence = Evidence.take(database, copy=database)
        self.evidence_seconds = time.monotonic() - started

    def run(self, database: Database, script: Path, settings: Mapping[str, str] | None = None) -> Outcome:
        """Run the script on a clone of the snapshot, watched."""
        before = _file(database)
        with Watch(database) as watch:
            outcome = psql.run_file(database, script, settings)
        if not self.runs:
            self.became = columns.read(database)
        self.runs.append(outcome)
        self.longest_lock = max(self.longest_lock, watch.held + watch.gap)
        self.rewritten = self.rewritten or _file(database) != before
        return outcome

    def end_of(self, title: str, failure: str) -> Findings | None:
        """Note how a scenario ended; the findings, when it was the last."""
        self.ended[title] = " ".join(line.strip() for line in failure.strip().splitlines()[:2])
        return self.findings() if len(self.ended) >= self.awaited else None

    def findings(self) -> Findings:
        """What there is to say so far."""
        assert self.evidence
        taken = self.evidence.contents
        rows = sum(one.rows for one in taken.values())
        patients = next((one.rows for table, one in taken.items() if table.name == "patients"), 0)
        seconds = self.runs[0].seconds if self.runs else 0.0
        failed = tuple(title for title, failure in self.ended.items() if failure)
        there = [name for name in columns.SPECIFIED if name in self.was]
        converged = tuple(name for name in there if self.runs and self.became.get(name) != self.was[name])
        return Findings(
            snapshot=self.snapshot.label,
            server=self.server.version,
            tables=len(taken),
            rows=rows,
            patients=patients,
            clinics=self.clinics,
            added=tuple(name for name in columns.SPECIFIED if name in self.became and name not in self.was),
            converged=converged,
            kept=tuple(name for name in there if name not in converged),
            longest_lock=self.longest_lock,
            rewritten=self.rewritten,
            evidence_before=content.digest(taken),
            evidence_after=content.digest({**taken, **self.evidence.after}),
            migration_seconds=seconds,
            evidence_seconds=self.evidence_seconds,
            restore_seconds=self.restore_seconds,
            scenarios=len(self.ended),
            failed=failed,
            left_out=tuple(self.left_out.lines()),
            verdict=verdict(patients, self.clinics, self.longest_lock, failed, self.ended[failed[0]] if failed else ""),
        )


def _file(database: Database) -> int:
    with database.connect() as connection:
        return int(connection.execute(FILE).scalar_one())
