"""One rehearsal, from its snapshot to its verdicts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support import output
from steps.support.discretion import code_of
from steps.support.errors import SnapshotError
from steps.support.evidence.before_after import Evidence
from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.rehearsal.judge import judge
from steps.support.rehearsal.left_out import ROWS, LeftOut
from steps.support.rehearsal.look import look_at
from steps.support.rehearsal.prepare import prepare
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.source import Snapshot
from steps.support.rehearsal.verdict import Rehearsed
from steps.support.subject import Product, Subject

THERE = text("SELECT pg_catalog.to_regclass(:relation) IS NOT NULL")


@dataclass
class Rehearsal:
    """A snapshot and the migrations whose table it has; `rehearsed` says of each how far it came."""

    snapshot: Snapshot
    server: Server
    product: Product
    script_of: Callable[[Subject], Path]
    rehearsed: list[Rehearsed] = field(default_factory=list)

    def __post_init__(self) -> None:
        there = [one for one in self.product.subjects if one.table in self.snapshot.tables and not one.optional]
        self.rehearsed = [Rehearsed(one, self.snapshot.label, self.server.version) for one in there]

    def run(self, copy: Database, clone: Callable[[Database], Database]) -> Database:
        """Restore into the empty `copy`, judge each migration on a clone of what the one before it left.

        Returns the last of them. Raises SnapshotError when the copy cannot be had.
        """
        began = time.monotonic()
        lacking = prepare(self.snapshot, copy, self.server)
        output.say(f"Restoring {self.snapshot.label} …")
        with self.snapshot.file() as path:
            left = restore(path, self.snapshot.label, copy)
        seconds = time.monotonic() - began
        try:
            for one in self.rehearsed:
                one.left, one.lacking, one.restore_seconds = left, lacking, seconds
                _expect_rows(copy, one.subject, left, lacking)
                one.look = look_at(copy, one.subject, self.snapshot)
            for one in self.rehearsed:
                copy = self._judge(one, copy, clone(copy))
        except DBAPIError as error:
            raise SnapshotError(f"{self.snapshot.label} cannot be read once restored ({code_of(error)}).") from error
        return copy

    def _judge(self, one: Rehearsed, copy: Database, clone: Database) -> Database:
        evidence = Evidence.take(copy, copy, self.product.tenant)
        own = {table.name: taken.rows for table, taken in evidence.contents.items()}
        one.tables, one.rows, one.own_rows = len(own), sum(own.values()), own.get(one.subject.table)
        one.tenants = _tenants(copy, one.subject)
        one.judged = judge(copy, clone, one.subject, self.script_of(one.subject), evidence)
        return clone


def _expect_rows(copy: Database, subject: Subject, left: list[LeftOut], lacking: list[str]) -> None:
    """Raise SnapshotError where the migration's table is not there, is empty, or hides its rows from the guest."""
    with copy.connect() as connection:
        if not connection.execute(THERE, {"relation": subject.relation}).scalar():
            why = ", ".join(str(one) for one in left if one.concerns(subject.table))
            more = f" Extensions this server has not: {', '.join(lacking)}; use one that has." if lacking else ""
            raise SnapshotError(f"{subject.table} cannot be restored here: {why}.{more}")
        if connection.exec_driver_sql(f"SELECT pg_catalog.row_security_active('{subject.relation}')").scalar():
            raise SnapshotError(
                f"{subject.table} has FORCE ROW LEVEL SECURITY, which hides rows from the role of the rehearsal. "
                "Only a superuser can make that role see them: leave -D postgres out, or give a superuser's address."
            )
        if not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {subject.relation})").scalar():
            rows = ", ".join(str(one) for one in left if one.kind == ROWS and one.concerns(subject.table))
            raise SnapshotError(f"{subject.table} has no rows once restored: {rows or 'the dump has none'}.")


def _tenants(copy: Database, subject: Subject) -> int | None:
    if not subject.tenant or subject.tenant.column not in columns.read(copy, subject.relation):
        return None
    with copy.connect() as connection:
        counted = f"SELECT count(DISTINCT {subject.tenant.column}) FROM {subject.relation}"
        return int(connection.exec_driver_sql(counted).scalar_one())
