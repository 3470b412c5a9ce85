"""One schema by psql, by Alembic and by the model."""

from behave import then, when

from steps.support.spec import schema


@when("la vacía se migra con la herramienta de cambios y la otra a mano")
def migrate_each_way(context):
    """Migra la primera base de datos con Alembic y la segunda con el script y psql."""
    schema.migrate_each_way(context.world)


@when("se migra con la herramienta de cambios")
def migrate_by_alembic(context):
    """Ejecuta alembic upgrade hasta la migración, y debe terminar sin error; antes anota cómo estaba todo."""
    schema.migrate_by_alembic(context.world)


@when("se intenta volver atrás")
def attempt_going_back(context):
    """Ejecuta alembic downgrade, termine como termine; antes anota cómo estaba todo."""
    schema.attempt_going_back(context.world)


@when("se vuelve atrás con permiso de perderlos")
def go_back_losing_values(context):
    """Ejecuta alembic downgrade con permiso expreso de perder los datos nuevos, y debe terminar sin error."""
    schema.go_back_losing_values(context.world)


@then("las dos quedan con las mismas tablas")
def same_schema(context):
    """Las tablas de las dos bases de datos están hechas igual."""
    schema.expect_same(*context.world.databases)


@then("el modelo Patient describe la misma tabla")
def model_agrees(context):
    """La tabla que crearía el modelo Patient es la que dejó la migración."""
    schema.expect_model_agrees(context.world)


@then("la herramienta de cambios no encuentra nada pendiente")
def alembic_finds_no_difference(context):
    """alembic check no encuentra diferencias entre el modelo y la tabla: nada que migrar."""
    schema.expect_alembic_finds_no_difference(context.world)


@then("se niega y dice que se perderían datos de {count:d} filas")
def alembic_refuses_losing_values(context, count):
    """Alembic terminó con error, y su mensaje dice en cuántas filas se perderían datos."""
    schema.expect_refusal(context.world, f"in {count} rows", "nothing was dropped")
