"""Nothing was lost: what the steps ask of the evidence."""

from sqlalchemy import text

from steps.support.harness import expect
from steps.support.harness.evidence.before_after import Evidence
from steps.support.harness.world import World
from steps.support.spec import columns
from steps.support.spec.columns import SPECIFIED, expect_columns


def evidence_of(world: World) -> Evidence:
    """The evidence taken before the scenario's When."""
    assert world.evidence, "no step of this scenario has taken evidence"
    return world.evidence


def expect_no_data_lost(world: World) -> None:
    """Fail when any column that existed changed in any row, or a row came or went."""
    expect.nothing("Se perdieron o cambiaron datos existentes.", evidence_of(world).lost_content(world.database))


def expect_same_structure(world: World) -> None:
    """Fail when anything but the five columns changed in how the tables are made."""
    changed = evidence_of(world).changed_structure(world.database, allowing=SPECIFIED)
    expect.nothing("La migración cambió algo más que las cinco columnas.", changed)


def expect_nothing_changed(world: World) -> None:
    """Fail when anything at all changed: content, structure, files."""
    evidence = evidence_of(world)
    changed = evidence.lost_content(world.database) + evidence.changed_structure(world.database)
    expect.nothing("Algo cambió, y no debía cambiar nada.", changed)


def expect_every_patient(world: World, column: str, value: str) -> None:
    """Fail unless every patient of every clinic has `value` in `column`."""
    expect_columns(world.database, [column])
    if column in columns.read(evidence_of(world).copy):
        return  # it was there before: its values are the evidence's to compare, not ours to expect
    query = f"SELECT count(*), count(*) FILTER (WHERE {column} = :value), count({column}) FROM patients"
    with world.database.connect() as connection:
        total, right, known = connection.execute(text(query), {"value": value}).one()
    # Counts alone: in a rehearsal the values are somebody's.
    found = f"{right} con {value}, {known - right} con otro valor, {total - known} con NULL"
    expect.equal(
        f"No todos los pacientes existentes tienen {column} = {value}.",
        f"{total} con {value}, 0 con otro valor, 0 con NULL",
        found,
    )


def expect_no_ad(world: World) -> None:
    """Fail when any patient has a campaign or an ad."""
    names = [name for name in SPECIFIED if name.startswith("meta_")]
    expect_columns(world.database, names)
    there_before = columns.read(evidence_of(world).copy)
    names = [name for name in names if name not in there_before] or ["NULL"]
    query = f"SELECT {', '.join(f'count({name})' for name in names)} FROM patients"
    with world.database.connect() as connection:
        counts = connection.execute(text(query)).one()
    found = [f"{name}: {count} pacientes" for name, count in zip(names, counts, strict=True) if count]
    expect.nothing("Hay pacientes existentes con datos de un anuncio que nadie anotó.", found)


def expect_next_number(world: World) -> None:
    """Fail unless a new patient gets the id that was next before the migration."""
    with evidence_of(world).copy.connect() as connection:
        # Read, not taken: the copy is shared by all scenarios.
        due = connection.scalar(text("SELECT last_value + is_called::int FROM patients_id_seq"))
    insert = "INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (1, '+549110', 'Nueva') RETURNING id"
    with world.database.connect() as connection:
        given = connection.scalar(text(insert))
    expect.equal("El próximo paciente no recibe el número que le tocaba.", due, given)
