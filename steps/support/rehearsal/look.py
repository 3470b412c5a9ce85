"""What to look at before migrating: what hangs on the table, and counts of what is in it. Names and numbers alone."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from steps.support import spanish
from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.rehearsal.source import Snapshot, look_script
from steps.support.subject import Look, Subject


def look_at(database: Database, subject: Subject, snapshot: Snapshot) -> list[str]:
    """A line for each thing to look at."""
    there = set(columns.read(database, subject.relation))
    with database.connect() as connection:
        looks = [look for look in subject.looks if set(look.needs) <= there]
        counted = [line for look in looks for line in _counted(connection, look)]
        hanging = snapshot.hanging
        script = look_script(subject)
        if hanging is None and script:
            try:
                found = connection.exec_driver_sql(
                    script.read_text(encoding="utf-8"), execution_options={"no_parameters": True}
                )
                hanging = [tuple(map(str, row)) for row in found]
            except DBAPIError as error:
                counted.append(f"{script.name} no corre en la copia ({getattr(error.orig, 'pgcode', '')})")
        if script and snapshot.hanging is None:
            counted.append(f"la copia no trae permisos ni publicaciones: correr {script.name} en producción")
        return [": ".join(row) for row in hanging or ()] + counted


def _counted(connection: Connection, look: Look) -> Iterator[str]:
    try:
        counts = connection.exec_driver_sql(look.query, execution_options={"no_parameters": True}).one()
    except DBAPIError as error:
        uncounted = re.sub(r"\{\d\}", "…", look.says)
        yield f"no se pudo contar ({getattr(error.orig, 'pgcode', '')}): {uncounted}"
        return
    if counts[0]:
        yield look.says.format(*(spanish.whole(int(count or 0)) for count in counts))
