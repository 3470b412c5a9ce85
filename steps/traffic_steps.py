"""A migration on a live table."""

from behave import given, then, when

from steps.support.spec import traffic
from steps.support.spec.migration import script as running


@given("ocho recepcionistas anotan sin parar")
def eight_receptionists_write(context):
    """Ocho sesiones agregan filas, unos cientos por segundo entre todas, hasta que termina el escenario."""
    traffic.start_writing(context.world)


@given("{kind} tiene ocupada la tabla")
def session_holds_the_table(context, kind):
    """Otra sesión deja la tabla tomada de la manera que se nombra, hasta que el escenario la libera."""
    traffic.hold(context.world, kind)


@given("{kind} tiene ocupada la tabla '{table}'")
def session_holds_a_table(context, kind, table):
    """Otra sesión deja tomada otra de las tablas de la migración, hasta que el escenario la libera."""
    traffic.hold(context.world.on(table), kind)


@when("se ejecuta la migración hasta que la tabla se libera")
def run_until_the_table_is_free(context):
    """Ejecuta el script con la tabla tomada, le da un segundo para portarse mal y recién entonces la libera."""
    traffic.migrate_while_held(context.world)


@when("se ejecuta la migración con un plazo de {deadline}")
def run_with_a_deadline(context, deadline):
    """Ejecuta el script con ese plazo total de espera, mientras la tabla sigue tomada."""
    traffic.migrate_for(context.world, deadline)


@when("se ejecuta la migración con la tabla ocupada")
def run_with_the_table_held(context):
    """Ejecuta el script hasta el final mientras la tabla sigue tomada."""
    traffic.migrate_beside_blocker(context.world)


@when("se ejecutan a la vez varias migraciones, a mano y con la herramienta de cambios")
def run_all_at_once(context):
    """Ejecuta el script varias veces con psql y una con Alembic, todas al mismo tiempo."""
    traffic.migrate_all_at_once(context.world)


@when("se corta la migración mientras espera")
def cut_the_script_short(context):
    """Termina en el servidor la sesión del script mientras espera, y después libera la tabla."""
    traffic.cut_short(context.world)


@then("la migración no pidió la tabla mientras estuvo ocupada")
def migration_never_queued(context):
    """Con la tabla tomada, el script no pidió ningún bloqueo que frene a quien escribe, y terminó bien."""
    traffic.expect_never_queued(context.world)
    running.expect_every_success(context.world)


@then("la sesión que tenía ocupada la tabla no fue interrumpida")
def blocker_was_not_disturbed(context):
    """Quien tenía tomada la tabla la dejó cuando quiso: nadie canceló su consulta ni cerró su sesión."""
    traffic.expect_blocker_undisturbed(context.world)


@then("ninguna anotación falló ni se perdió")
def every_write_is_there(context):
    """Ninguna de las sesiones que agregaban filas tuvo un error, y todo lo confirmado está en la tabla."""
    traffic.expect_every_write(context.world)


@then("la migración se rinde y nombra la sesión que tiene la tabla")
def migration_gives_up(context):
    """El script terminó con el error 55P03 y su detalle dice quién tenía la tabla y de qué manera."""
    traffic.expect_surrender(context.world)


@then("la migración quedó cortada")
def migration_was_cut_short(context):
    """El script no llegó a terminar."""
    traffic.expect_cut_short(context.world)
