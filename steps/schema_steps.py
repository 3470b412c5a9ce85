"""One schema by psql, by Alembic and by the model."""

from behave import then, when

from steps.support.spec import schema as schemas


@when("una se migra con Alembic y la otra con el script '{script}'")
def migrate_each_way(context, script):
    """Migra la primera base de datos con Alembic y la segunda con el script y psql."""
    schemas.migrate_each_way(context.world, script)


@when("se migra con Alembic")
def migrate_by_alembic(context):
    """Ejecuta alembic upgrade head, que debe terminar sin error; antes anota cómo estaba todo."""
    schemas.migrate_by_alembic(context.world)


@when("se intenta migrar con Alembic")
def attempt_by_alembic(context):
    """Ejecuta alembic upgrade head, termine como termine; antes anota cómo estaba todo."""
    schemas.attempt_by_alembic(context.world)


@when("se intenta volver atrás con Alembic")
def attempt_going_back(context):
    """Ejecuta alembic downgrade, termine como termine; antes anota cómo estaba todo."""
    schemas.attempt_going_back(context.world)


@when("se vuelve atrás con Alembic con permiso de perder la atribución")
def go_back_losing_attribution(context):
    """Ejecuta alembic downgrade con permiso expreso de perder la atribución, y debe terminar sin error."""
    schemas.go_back_losing_attribution(context.world)


@then("las dos tienen el mismo esquema")
def same_schema(context):
    """Las tablas de las dos bases de datos están hechas igual."""
    schemas.expect_same(*context.world.databases, "Alembic y psql no dejan el mismo esquema.")


@then("el modelo Patient describe la misma tabla")
def model_agrees(context):
    """La tabla que crearía el modelo Patient es la que dejó la migración."""
    schemas.expect_model_agrees(context.world)


@then("Alembic no encuentra diferencias entre el modelo y la tabla")
def alembic_finds_no_difference(context):
    """alembic check no encuentra nada que migrar."""
    schemas.expect_alembic_finds_no_difference(context.world)


@then("Alembic se niega y nombra la historia ajena")
def alembic_refuses_foreign_history(context):
    """Alembic terminó con error, y su mensaje nombra la revisión del otro proyecto."""
    schemas.expect_refusal(context.world, "another project's Alembic history", "a1b2c3d4e5f6")


@then("Alembic se niega y dice que {count:d} pacientes perderían su atribución")
def alembic_refuses_losing_attribution(context, count):
    """Alembic terminó con error, y su mensaje dice cuántos pacientes perderían su atribución."""
    schemas.expect_refusal(context.world, f"attribution in {count} rows", "nothing was dropped")
