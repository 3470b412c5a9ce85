"""What event triggers that came with the data write on their own when these are migrated: no script's doing.

Told by a second run, on a copy on which they are off: what is not written there, they wrote.
"""

from collections.abc import Collection

from steps.support import spanish
from steps.support.evidence import content, structure
from steps.support.evidence.before_after import Evidence
from steps.support.evidence.content import Contents, Fingerprint
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect
from steps.support.subject import Subject

FIRING = "SELECT evtname FROM pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login' ORDER BY 1"
SILENCE = "SELECT format('ALTER EVENT TRIGGER %I DISABLE', evtname) FROM pg_event_trigger"


def firing(database: Database) -> list[str]:
    """The event triggers that any statement may fire."""
    with database.connect() as connection:
        return list(connection.exec_driver_sql(FIRING).scalars())


def silenced(database: Database, server: Server) -> Database:
    """The database, on which they are off from now on, as a superuser alone may have it."""
    with connect(server.url.set(database=database.name)) as admin:
        for statement in admin.exec_driver_sql(SILENCE, execution_options={"no_parameters": True}).scalars().all():
            admin.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return database


def written(evidence: Evidence, subject: Subject, loud: Database, still: Database) -> dict[str, int]:
    """By name the tables that a run changed on `loud` alone, with how many rows more; none of the migration's.

    Whether rows came and no other changed is for the evidence to say.
    """
    own = {*structure.family(evidence.structure, subject.table), *subject.also}
    was, with_them, without = (_by_name(one) for one in (evidence.contents, *map(content.contents, (loud, still))))
    return {
        name: with_them[name].rows - before.rows
        for name, before in was.items()
        if without.get(name) == before != with_them.get(name, before) and name not in own
    }


def advanced(evidence: Evidence, tables: Collection[str], loud: Database, still: Database) -> list[str]:
    """The sequences that went forward on `loud` alone: of columns of `tables`, or of none."""
    moved, unmoved = structure.facts(loud), structure.facts(still)
    found = []
    for (kind, name), before in evidence.structure.items():
        if kind == "physical sequence" and unmoved.get((kind, name)) == before:
            _, _, column = evidence.structure["sequence", name].rpartition("owned by ")
            if column == "no column" or column.rpartition(".")[0] in tables:
                found += [name] * (_position(moved.get((kind, name), "")) > _position(before))
    return found


def lines(triggers: list[str], rows: dict[str, int]) -> list[str]:
    """What they wrote, in Spanish; nothing where they wrote no row."""
    if not rows:
        return []
    what = [f"{spanish.whole(count)} {'fila' if count == 1 else 'filas'} en {table}" for table, count in rows.items()]
    one = len(triggers) == 1
    return [
        f"{'el disparador' if one else 'los disparadores'} de eventos {', '.join(triggers)} "
        f"{'escribió' if one else 'escribieron'} {', '.join(what)} durante el ensayo, y en producción hará lo mismo: "
        "son filas del producto, y no una pérdida; sin disparadores, el script no escribe ninguna ahí"
    ]


def _position(fact: str) -> int:
    """Where a sequence is; one that was not used yet is before all others."""
    digits = fact.removeprefix("position ")
    return int(digits) if digits.isdecimal() else 0


def _by_name(contents: Contents) -> dict[str, Fingerprint]:
    return {table.name: taken for table, taken in contents.items()}
