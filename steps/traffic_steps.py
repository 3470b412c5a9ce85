"""A migration on a live table."""

from behave import given, then, when

from steps.support import migration, traffic


@given("ocho recepcionistas anotan pacientes sin parar")
def eight_receptionists_write(context):
    traffic.start_writing(context.world)


@given("{kind} tiene ocupada la tabla")
def somebody_holds_the_table(context, kind):
    traffic.hold(context.world, kind)


@when("se ejecuta el script '{script}' hasta que la tabla se libera")
def run_until_the_table_is_free(context, script):
    traffic.migrate_while_held(context.world, script)


@when("se ejecuta el script '{script}' con un plazo de {deadline}")
def run_with_a_deadline(context, script, deadline):
    traffic.migrate_for(context.world, script, deadline)


@when("se ejecuta el script '{script}' con la tabla ocupada")
def run_with_the_table_held(context, script):
    traffic.migrate_beside_holder(context.world, script)


@when("se ejecutan a la vez varias migraciones con '{script}', por psql y por Alembic")
def run_all_at_once(context, script):
    traffic.migrate_all_at_once(context.world, script)


@when("se corta el script '{script}' mientras espera")
def cut_the_script_short(context, script):
    traffic.cut_short(context.world, script)


@then("la migración no pidió la tabla mientras estuvo ocupada")
def migration_never_queued(context):
    traffic.expect_never_queued(context.world)
    migration.expect_every_success(context.world)


@then("termina sin error y sin pedir la tabla")
def migration_asked_for_nothing(context):
    migration.expect_every_success(context.world)
    traffic.expect_never_queued(context.world)


@then("ninguna anotación falló ni se perdió")
def every_write_is_there(context):
    traffic.expect_every_write(context.world)


@then("la migración se rinde y nombra a quien tiene la tabla")
def migration_gives_up(context):
    traffic.expect_surrender(context.world)


@then("la migración quedó cortada")
def migration_was_cut_short(context):
    traffic.expect_cut_short(context.world)


@then("todas terminan sin error")
def every_run_succeeds(context):
    migration.expect_every_success(context.world)
