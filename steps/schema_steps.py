"""One schema by psql, by Alembic and by the model."""

from dataclasses import replace

from behave import then, when

from orchestrator_service.db.models_dental import Patient
from steps.support.evidence import structure
from steps.support.finding import Finding, Kind
from steps.support.postgres import psql
from steps.support.unmet import require


@when("la vacía se migra con la herramienta de cambios y la otra a mano")
def migrate_each_way(context):
    """Migra la primera base de datos con Alembic, desde la primera migración, y la segunda con el script y psql."""
    world = context.world
    by_alembic, by_psql = world.databases
    for subject in (*world.suite.product.before(world.subject), world.subject):
        world.expect_success(world.suite.alembic.upgrade(by_alembic, subject), of=subject)
    world.expect_success(psql.run_file(by_psql, world.script))


@when("se migra con la herramienta de cambios")
def migrate_by_alembic(context):
    """Ejecuta alembic upgrade hasta la migración, y debe terminar sin error; antes anota cómo estaba todo."""
    world = context.world
    world.take_evidence()
    world.outcomes.append(world.suite.alembic.upgrade(world.database, world.subject))
    world.expect_success(world.outcome)


@when("se intenta volver atrás")
def attempt_going_back(context):
    """Ejecuta alembic downgrade, termine como termine; antes anota cómo estaba todo."""
    world = context.world
    world.take_evidence()
    world.outcomes.append(world.suite.alembic.downgrade(world.database, world.subject))


@when("se vuelve atrás con permiso de perderlos")
def go_back_losing_values(context):
    """Ejecuta alembic downgrade con permiso expreso de perder los datos nuevos, y debe terminar sin error."""
    world = context.world
    world.outcomes.append(world.suite.alembic.downgrade(world.database, world.subject, world.subject.may_lose))
    world.expect_success(world.outcome)


@then("se niega y dice que se perderían datos de {count:d} filas")
def alembic_refuses_losing_values(context, count):
    """Alembic terminó con error, y su mensaje dice en cuántas filas se perderían datos."""
    outcome, table = context.world.outcome, context.world.subject.table
    context.world.expect_error()
    said = f"in {count} rows" in outcome.message
    require([Finding(Kind.ERROR_UNCLEAR, table, "", f"{count} filas", outcome.message)] * (not said))


@then("las dos quedan con las mismas tablas")
def same_schema(context):
    """Las tablas de las dos bases de datos están hechas igual."""
    _expect_same(*context.world.databases)


@then("el modelo Patient describe la misma tabla")
def model_agrees(context):
    """La tabla que crearía el modelo Patient es la que dejó la migración, con las que vienen después."""
    world = context.world
    for later in world.suite.product.after(world.subject):  # the model is of today
        world.expect_success(psql.run_file(world.database, world.suite.script_of(later)), of=later)
    by_model = world.begin_with(None)
    Patient.metadata.create_all(by_model.engine())
    _expect_same(by_model, world.database)


@then("la herramienta de cambios no encuentra nada pendiente")
def alembic_finds_no_difference(context):
    """alembic check no encuentra diferencias entre el modelo y la tabla: nada que migrar."""
    world = context.world
    require(world.not_as_asked())  # what follows from it would only be told once more
    # The model is of today: what later migrations add is to be there too.
    world.expect_success(world.suite.alembic.upgrade(world.database))
    outcome = world.suite.alembic.check(world.database)
    require([Finding(Kind.PENDING, world.subject.table, after=outcome.message)] * (not outcome.succeeded))


def _expect_same(one, other):
    """Fail where the two databases' tables differ, Alembic's own table apart."""
    found = structure.differences(
        *({key: fact for key, fact in structure.facts(database, numbers=False).items() if "alembic" not in f"{key}"}
          for database in (one, other))
    )  # fmt: skip
    require(replace(each, kind=Kind.SCHEMA_DIFFERS, before=each.before or "no está", after=each.after or "no está")
            for each in found)  # fmt: skip
