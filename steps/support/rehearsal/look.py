"""What to look at before migrating: what hangs on the table, and counts of what is in it. Names and numbers alone."""

from pathlib import Path

from steps.support import spanish
from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.rehearsal.source import Snapshot
from steps.support.subject import Subject


def look_script(subject: Subject) -> Path | None:
    """The query of what hangs on a migration's table: when, what and what to do; None where there is none."""
    script = subject.script.with_name(f"{subject.script.stem}_look.sql")
    return script if script.is_file() else None


def look_at(database: Database, subject: Subject, snapshot: Snapshot) -> list[str]:
    """A line for each thing to look at."""
    there, found, hanging = set(columns.read(database, subject.relation)), [], snapshot.hanging or ()
    plain = {"no_parameters": True}
    with database.connect() as connection:
        for look in subject.looks:
            if set(look.needs) <= there:
                counts = connection.exec_driver_sql(look.query, execution_options=plain).one()
                found += [look.says.format(*(spanish.whole(int(count)) for count in counts))] * bool(counts[0])
        if snapshot.hanging is None and (script := look_script(subject)):
            hanging = connection.exec_driver_sql(script.read_text(encoding="utf-8"), execution_options=plain).all()
            found.append(f"la copia no trae permisos ni publicaciones: correr {script.name} en producción")
    return [*(": ".join(map(str, row)) for row in hanging), *found]
