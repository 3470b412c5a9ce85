"""How the script behaves while it runs, and what it leaves behind."""

from behave import given, then, when

from steps.support import conduct


@given("la tabla 'patients' ya casi no admite columnas")
def table_is_nearly_full(context):
    conduct.without_room(context.world)


@given("otra sesión tiene la tabla 'patients' para ella sola")
def another_session_has_the_table(context):
    conduct.hold_table(context.world, "ACCESS EXCLUSIVE")


@given("una transacción larga está leyendo la tabla 'patients'")
def long_transaction_reads_the_table(context):
    conduct.hold_table(context.world, "ACCESS SHARE")


@when("se ejecuta el script de migración '{script}' en una sesión que sigue abierta")
def run_script_in_session(context, script):
    conduct.run_in_session(context.world, script)


@when("se ejecuta el script de migración '{script}' contando sus sentencias")
def run_script_for_commands(context, script):
    conduct.run_for_commands(context.world, script)


@when("se ejecuta el script de migración '{script}' en una transacción que se deshace")
def run_script_undone(context, script):
    conduct.run_undone(context.world, script)


@when("se intenta ejecutar el script de migración '{script}'")
def attempt_script(context, script):
    conduct.attempt(context.world, script)


@when("se ejecuta el script de migración '{script}' sin que se ponga en la fila")
def run_script_out_of_the_queue(context, script):
    conduct.run_out_of_the_queue(context.world, script)


@when("se ejecuta el script de migración '{script}' sin que retenga la tabla")
def run_script_watched(context, script):
    conduct.run_watched(context.world, script)


@then("la sesión queda como estaba")
def session_is_as_it_was(context):
    conduct.expect_session_as_it_was(context.world)


@then("el script fue un único bloque DO")
def script_was_one_block(context):
    conduct.expect_one_block(context.world)


@then("no leyó ni escribió ningún paciente")
def no_patient_was_touched(context):
    conduct.expect_no_row_touched(context.world)


@then("termina con un error")
def script_ends_in_error(context):
    conduct.expect_error(context.world)


@then("termina sin error")
def script_ends_without_error(context):
    conduct.expect_success(context.world)
