"""Nothing was lost: what the steps ask of the evidence."""

from sqlalchemy import text

from steps.support import expect, spanish
from steps.support.evidence.before_after import Evidence
from steps.support.spec import columns
from steps.support.unmet import require
from steps.support.world import World


def evidence_of(world: World) -> Evidence:
    """The evidence taken before the scenario's When."""
    assert world.evidence, "Ningún paso de este escenario anotó antes cómo estaba todo."
    return world.evidence


def expect_no_data_lost(world: World) -> None:
    """Fail when any column that existed changed in any row, or a row came or went."""
    require(evidence_of(world).lost_content(world.database))


def expect_same_structure(world: World) -> None:
    """Fail when anything but what the migration adds changed in how the tables are made."""
    require(evidence_of(world).changed_structure(world.database, allowing=world.subject))


def expect_nothing_changed(world: World) -> None:
    """Fail when anything at all changed: content, structure, files."""
    evidence = evidence_of(world)
    require(evidence.lost_content(world.database) + evidence.changed_structure(world.database))


def expect_every_row(world: World, column: str, value: str) -> None:
    """Fail unless every row of every tenant has `value` in `column`."""
    columns.expect_columns(world, [column])
    query = f"SELECT count(*), count(*) FILTER (WHERE {column} = :value), count({column}) FROM {world.subject.relation}"
    with world.database.connect() as connection:
        total, right, known = connection.execute(text(query), {"value": value}).one()
    found = _counted(value, right, known - right, total - known)
    expect.same_words(
        f"No todos los {world.subject.rows} existentes tienen {column} = {value}.", _counted(value, total, 0, 0), found
    )


def _counted(value: str, *counts: int) -> str:
    those, others, none = map(spanish.whole, counts)
    return f"{those} con {value}, {others} con otro valor, {none} en blanco"


def expect_no_value(world: World) -> None:
    """Fail when any row has a value in a column the migration adds without a default."""
    names = [name for name, column in world.subject.columns.items() if column.default is None]
    columns.expect_columns(world, names)
    there_before = columns.read(world, evidence_of(world).copy)
    names = [name for name in names if name not in there_before] or ["NULL"]
    query = f"SELECT {', '.join(f'count({name})' for name in names)} FROM {world.subject.relation}"
    with world.database.connect() as connection:
        counts = connection.execute(text(query)).one()
    found = [f"{name}: {count}" for name, count in zip(names, counts, strict=True) if count]
    expect.nothing(f"Hay {world.subject.rows} existentes con datos que nadie anotó.", found)


def expect_next_number(world: World) -> None:
    """Fail unless a new row gets the number that was next before the migration."""
    subject = world.subject
    position = f"pg_get_serial_sequence('{subject.relation}', '{subject.key}')"
    with evidence_of(world).copy.connect() as connection:
        # Read, not taken: the copy is shared by all scenarios.
        sequence = connection.scalar(text(f"SELECT {position}"))
        due = connection.scalar(text(f"SELECT last_value + is_called::int FROM {sequence}"))
    with world.database.connect() as connection:
        given = connection.exec_driver_sql(subject.insert, {"tenant": 1, "number": 0}).scalar()
    expect.equal(f"El próximo de los {subject.rows} no recibe el número que le tocaba.", due, given)
