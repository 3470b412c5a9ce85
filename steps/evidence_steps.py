"""What the migration may not change: it is compared whole with what was there before."""

from behave import then
from sqlalchemy import text

from steps.support.finding import Kind, differing
from steps.support.unmet import require


@then("no se perdieron datos existentes")
@then("no se perdieron datos de pacientes existentes")
def no_data_was_lost(context):
    """Cada fila de cada tabla conserva letra por letra lo que tenía antes; no falta ni sobra ninguna."""
    world = context.world
    require(world.evidence.lost_content(world.database), world.subject.names)


@then("las reglas y los permisos de las tablas siguen como estaban")
def structure_is_the_same(context):
    """Restricciones, índices, claves, valores por defecto, disparadores y permisos, salvo lo que se agrega."""
    world = context.world
    require(world.evidence.changed_structure(world.database, allowing=world.subject))


@then("la segunda vez no cambió nada")
@then("no cambió nada")
def nothing_changed(context):
    """Desde que se anotó cómo estaba todo, no cambió ninguna fila, ninguna regla ni ningún archivo de las tablas."""
    world = context.world
    lost = world.evidence.lost_content(world.database)
    require(lost + world.evidence.changed_structure(world.database), world.subject.names)


@then("la próxima fila recibe el número que le tocaba")
def next_row_gets_its_number(context):
    """Una fila agregada después recibe el número que le habría tocado antes de la migración."""
    subject = context.world.subject
    position = f"pg_get_serial_sequence('{subject.relation}', '{subject.key}')"
    with context.world.evidence.copy.connect() as connection:
        # Read, not taken: the copy is shared by all scenarios.
        sequence = connection.scalar(text(f"SELECT {position}"))
        due = connection.scalar(text(f"SELECT last_value + is_called::int FROM {sequence}"))
    given = context.world.change(subject.insert, {"tenant": 1, "number": 0})
    require(differing(Kind.NUMBER_WRONG, due, given, subject.table, subject.key))
