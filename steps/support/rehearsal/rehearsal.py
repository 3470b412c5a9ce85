"""One rehearsal, from its snapshot to what the runs showed."""

import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support.discretion import code_of
from steps.support.errors import SnapshotError
from steps.support.evidence.before_after import Evidence
from steps.support.output import say
from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.rehearsal.judge import judge
from steps.support.rehearsal.left_out import ROWS
from steps.support.rehearsal.look import look_at
from steps.support.rehearsal.prepare import prepare
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.source import Snapshot
from steps.support.rehearsal.verdict import Rehearsed

THERE = text("SELECT pg_catalog.to_regclass(:relation) IS NOT NULL")
HIDDEN = text("SELECT pg_catalog.row_security_active(CAST(:relation AS regclass))")


def rehearse(
    found: Rehearsed, snapshot: Snapshot, server: Server, copy: Database, clone: Callable[[Database], Database]
) -> Database:
    """Restore into the empty `copy` and judge the script on a clone of it, which is returned; `found` is filled in.

    Raises SnapshotError when the copy cannot be had.
    """
    began = time.monotonic()
    found.lacking = prepare(snapshot, copy, server)
    say(f"Restoring {snapshot.label} …")
    with snapshot.file() as path:
        found.left = restore(path, snapshot.label, copy)
    found.restore_seconds = time.monotonic() - began
    try:
        _expect_rows(found, copy)
        found.look = look_at(copy, found.subject, snapshot)
        evidence = Evidence.take(copy, copy, found.subject.tenant)
        found.count({table.name: taken.rows for table, taken in evidence.contents.items()}, _tenants(found, copy))
        migrated = clone(copy)
        found.judged = judge(copy, migrated, found.subject, found.script, evidence)
    except DBAPIError as error:
        raise SnapshotError(f"{snapshot.label} cannot be read once restored ({code_of(error)}).") from error
    return migrated


def _expect_rows(found: Rehearsed, copy: Database) -> None:
    """Raise SnapshotError where the migration's table is not there, is empty, or hides its rows from the guest."""
    subject, concerned = found.subject, [one for one in found.left if one.concerns(found.subject.table)]
    relation = {"relation": subject.relation}
    with copy.connect() as connection:
        if not connection.execute(THERE, relation).scalar():
            lacking = f" This server has not: {', '.join(found.lacking)}; use one that has." if found.lacking else ""
            raise SnapshotError(f"{subject.table} cannot be restored here: {', '.join(map(str, concerned))}.{lacking}")
        if connection.execute(HIDDEN, relation).scalar():
            raise SnapshotError(
                f"{subject.table} has FORCE ROW LEVEL SECURITY, which hides rows from the role of the rehearsal. "
                "Only a superuser can make that role see them: leave -D postgres out, or give a superuser's address."
            )
        if not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {subject.relation})").scalar():
            rows = ", ".join(str(one) for one in concerned if one.kind == ROWS)
            raise SnapshotError(f"{subject.table} has no rows once restored: {rows or 'the dump has none'}.")


def _tenants(found: Rehearsed, copy: Database) -> int | None:
    of, relation = found.subject.tenant, found.subject.relation
    if not of or of.column not in columns.read(copy, relation):
        return None
    with copy.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(DISTINCT {of.column}) FROM {relation}").scalar_one())
