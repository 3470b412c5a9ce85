"""One schema by psql, by Alembic and by the model."""

from behave import then, when

from steps.support import schemas


@when("una se migra con Alembic y la otra con el script '{script}'")
def migrate_each_way(context, script):
    schemas.migrate_each_way(context.world, script)


@when("se migra con Alembic")
def migrate_by_alembic(context):
    schemas.migrate_by_alembic(context.world)


@when("se intenta migrar con Alembic")
def attempt_by_alembic(context):
    schemas.attempt_by_alembic(context.world)


@when("se intenta volver atrás con Alembic")
def attempt_going_back(context):
    schemas.attempt_going_back(context.world)


@when("se vuelve atrás con Alembic con permiso de perder la atribución")
def go_back_losing_attribution(context):
    schemas.go_back_losing_attribution(context.world)


@then("las dos tienen el mismo esquema")
def same_schema(context):
    schemas.expect_same(*context.world.databases, "Alembic y psql no dejan el mismo esquema.")


@then("el modelo Patient describe la misma tabla")
def model_agrees(context):
    schemas.expect_model_agrees(context.world)


@then("Alembic no encuentra diferencias entre el modelo y la tabla")
def alembic_finds_no_difference(context):
    schemas.expect_alembic_finds_no_difference(context.world)


@then("Alembic se niega y nombra la historia ajena")
def alembic_refuses_foreign_history(context):
    schemas.expect_refusal(context.world, "another project's Alembic history", "a1b2c3d4e5f6")


@then("Alembic se niega y dice que {count:d} pacientes perderían su atribución")
def alembic_refuses_losing_attribution(context, count):
    schemas.expect_refusal(context.world, f"attribution in {count} rows", "nothing was dropped")
