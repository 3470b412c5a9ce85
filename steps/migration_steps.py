"""Running the script, and how it ends."""

from behave import then, when
from psycopg2.errorcodes import DATATYPE_MISMATCH

from steps.support import spanish
from steps.support.finding import Finding, Kind, differing
from steps.support.unmet import require


@when("se ejecuta la migración")
def run_migration(context):
    """Ejecuta con psql, como un DBA, el script (o el de -D migration); antes anota cómo estaba todo."""
    context.world.run()


@when("se ejecuta el script de migración '{script}'")
def run_migration_script(context, script):
    """Lo mismo, con el nombre que le da la especificación."""
    own = context.world.subject.script.name
    assert script == own, f"«{script}» no es el script de esta corrida: es {own}."
    context.world.run()


@when("se intenta ejecutar la migración")
def attempt_migration(context):
    """Ejecuta el script con psql, termine como termine; antes anota cómo estaba todo."""
    context.world.attempt()


@when("se ejecuta dos veces la migración")
def run_migration_twice(context):
    """Ejecuta el script dos veces seguidas con psql; entre una y otra anota cómo estaba todo."""
    context.world.run()
    context.world.take_evidence()
    context.world.attempt()


@when("ese dueño ejecuta la migración")
def owner_runs_migration(context):
    """Ejecuta el script con los permisos del dueño de la tabla y ninguno más."""
    context.world.run({"role": context.owner} if context.owner else {})


@then("termina sin error")
@then("las dos veces termina sin error")
@then("todas terminan sin error")
def every_run_succeeds(context):
    """Ninguna de las ejecuciones terminó con error."""
    context.world.expect_success(*context.world.outcomes)


@then("termina con un error")
def script_ends_in_error(context):
    """La ejecución terminó con error, y psql lo dijo."""
    context.world.expect_error()


@then("se niega, y nombra esa columna")
def refuses_for_the_type(context):
    """El script terminó con el error 42804 y nombra la columna cuyo tipo no puede cambiar."""
    outcome, column = context.world.outcome, context.odd_column
    table, wanted = context.world.subject.table, spanish.ended(DATATYPE_MISMATCH)
    require(differing(Kind.NOT_REFUSED, wanted, spanish.ended(outcome.sqlstate), table, column))
    require([Finding(Kind.ERROR_UNCLEAR, table, column, column, outcome.error())] * (column not in outcome.error()))


@then("la migración quedó cortada")
def migration_was_cut_short(context):
    """El script no llegó a terminar."""
    context.world.expect_error("cortada")
