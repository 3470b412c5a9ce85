"""How the script behaves while it runs, and what it leaves behind."""

from behave import given, then, when

from steps.support.spec import behaviour as conduct


@given("la tabla 'patients' ya casi no admite columnas")
def table_is_nearly_full(context):
    """A la tabla le queda lugar para tres columnas más, donde hacen falta cinco."""
    conduct.without_room(context.world)


@given("la tabla 'patients' es de un dueño que no es superusuario")
def table_has_a_plain_owner(context):
    """La tabla, con sus pacientes, es de un rol que no puede en el servidor más que lo que es suyo."""
    conduct.owned_by_somebody(context.world)


@when("ese dueño ejecuta el script de migración '{script}'")
def owner_runs_script(context, script):
    """Ejecuta el script con los permisos del dueño de la tabla y ninguno más."""
    conduct.run_as_owner(context.world, script)


@when("se ejecuta el script de migración '{script}' en una sesión que sigue abierta")
def run_script_in_session(context, script):
    """Ejecuta el script en una sesión de psql que sigue después, y anota cómo estaba la sesión antes y cómo queda."""
    conduct.run_in_session(context.world, script)


@when("se ejecuta el script de migración '{script}' contando sus sentencias")
def run_script_for_commands(context, script):
    """Ejecuta el script con psql y anota cada sentencia que recibió el servidor."""
    conduct.run_for_commands(context.world, script)


@when("se ejecuta el script de migración '{script}' en una transacción que se deshace")
def run_script_undone(context, script):
    """Ejecuta el script dentro de una transacción, anota cuántas filas tocó, y la deshace."""
    conduct.run_undone(context.world, script)


@when("se ejecuta el script de migración '{script}' sin que retenga la tabla")
def run_script_watched(context, script):
    """Ejecuta el script mientras alguien mira cuánto tiempo retiene la tabla; más de cinco segundos es demasiado."""
    conduct.run_watched(context.world, script)


@then("la sesión queda como estaba")
def session_is_as_it_was(context):
    """La sesión no conserva del script ningún ajuste, candado, tabla temporal, rol ni transacción abierta."""
    conduct.expect_session_as_it_was(context.world)


@then("el script fue un único bloque DO")
def script_was_one_block(context):
    """El servidor recibió una sola sentencia, un bloque DO."""
    conduct.expect_one_block(context.world)


@then("no leyó ni escribió ningún paciente")
def no_patient_was_touched(context):
    """El script no leyó ni escribió ninguna fila de la tabla."""
    conduct.expect_no_row_touched(context.world)


@then("no bloqueó ninguna otra tabla")
def no_other_table_was_locked(context):
    """El script no tomó, sobre ninguna tabla que no sea patients, un bloqueo que frene a quien lee o escribe."""
    conduct.expect_no_other_lock(context.world)


@then("termina con un error")
def script_ends_in_error(context):
    """La ejecución terminó con error, y psql lo dijo."""
    conduct.expect_error(context.world)
