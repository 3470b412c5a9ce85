"""One rehearsal, from its snapshot to what the runs showed."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError

from steps.support import spanish
from steps.support.errors import SnapshotError
from steps.support.evidence.before_after import Evidence
from steps.support.output import say
from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import code_of
from steps.support.postgres.server import Server
from steps.support.rehearsal.judge import Judge
from steps.support.rehearsal.prepare import prepare
from steps.support.rehearsal.remote import dump_of
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.source import Snapshot, look_script
from steps.support.rehearsal.verdict import Rehearsed

HIDES = "SELECT pg_catalog.row_security_active(pg_catalog.to_regclass('{}'))"
PLAIN = {"no_parameters": True}


def rehearse(
    found: Rehearsed, snapshot: Snapshot, server: Server, copy: Database, clone: Callable[[Database], Database]
) -> None:
    """Restore into the empty `copy` and judge the script on a clone of it; `found` is filled in.

    Raises SnapshotError when the copy cannot be had.
    """
    began = time.monotonic()
    try:
        prepare(snapshot, copy, server)
        say(f"Restoring {snapshot.label} …")
        with dump_of(snapshot) as path:
            found.left = restore(path, snapshot.label, copy)
        found.restore_seconds = time.monotonic() - began
        table = found.subject.table
        with copy.connect() as connection:
            if connection.exec_driver_sql(HIDES.format(found.subject.relation)).scalar():
                own = "Leave -D postgres out, or name a superuser."
                raise SnapshotError(f"{table} hides rows from its owner (FORCE). {own}")
        evidence = Evidence.take(copy, copy, found.subject.tenant)
        found.counts = {table.name: taken.rows for table, taken in evidence.contents.items()}
        if not found.counts.get(table):
            left = [str(one) for one in found.left if one.concerns(table) or one.about.startswith("CREATE EXTENSION")]
            raise SnapshotError(f"{table} has no rows once restored: {', '.join(left) or 'as dumped'}.")
        found.look = _look(found, copy, snapshot.hanging)
        Judge(found, evidence).judge(copy, clone(copy))
    except DBAPIError as error:
        raise SnapshotError(f"The copy of {snapshot.label} cannot be had or read ({code_of(error)}).") from error


def _look(found: Rehearsed, copy: Database, hanging: Sequence[Sequence[str]] | None) -> list[str]:
    """What to look at before: what hangs on the table, and counts of what is in it. Names and numbers alone."""
    subject, counted = found.subject, []
    there = columns.read(copy, subject.relation)
    looks = [look for look in subject.looks if set(look.needs) <= there.keys() | found.counts.keys()]
    asked = [f"count(*) FILTER (WHERE {condition})" for look in looks for condition in look.counts]
    with copy.connect() as connection:
        if (of := subject.tenant) and of.column in there:
            count = f"SELECT count({of.column}) FROM (SELECT DISTINCT {of.column} FROM {subject.relation}) found"
            found.tenants = connection.exec_driver_sql(count).scalar_one()
        query = f"SELECT {', '.join(['count(*)', *asked])} FROM {subject.relation}"
        _, *counts = connection.exec_driver_sql(query, execution_options=PLAIN).one()
        for look in looks:
            its, counts = counts[: len(look.counts)], counts[len(look.counts) :]
            counted += [look.says.format(*map(spanish.whole, its))] * any(its)
        if hanging is None and (script := look_script(subject)):
            hanging = connection.exec_driver_sql(script.read_text(encoding="utf-8"), execution_options=PLAIN).all()
            counted.append(f"la copia no trae permisos ni publicaciones: correr {script.name} en producción")
    return [*(": ".join(map(str, row)) for row in hanging or ()), *counted]
