"""How the script behaves while it runs, and what it leaves behind."""

from behave import given, then, when

from steps.support.spec import behaviour


@given("la tabla '{table}' ya casi no admite columnas")
def table_is_nearly_full(context, table):
    """A la tabla le queda lugar para una columna menos de las que la migración agrega."""
    behaviour.without_room(context.world.on(table))


@given("la tabla '{table}' es de un dueño que no es superusuario")
def table_has_a_plain_owner(context, table):
    """La tabla, con sus pacientes, es de un rol que no puede en el servidor más que lo que es suyo."""
    behaviour.owned_by_somebody(context.world.on(table))


@when("ese dueño ejecuta el script de migración '{script}'")
def owner_runs_script(context, script):
    """Ejecuta el script con los permisos del dueño de la tabla y ninguno más."""
    behaviour.run_as_owner(context.world.about(script))


@when("se ejecuta el script de migración '{script}' en una sesión que sigue abierta")
def run_script_in_session(context, script):
    """Ejecuta el script en una sesión de psql que sigue después, y anota cómo estaba la sesión antes y cómo queda."""
    behaviour.run_in_session(context.world.about(script))


@when("se ejecuta el script de migración '{script}' contando sus sentencias")
def run_script_for_commands(context, script):
    """Ejecuta el script con psql y anota cada sentencia que recibió el servidor."""
    behaviour.run_for_commands(context.world.about(script))


@when("se ejecuta el script de migración '{script}' en una transacción que se deshace")
def run_script_undone(context, script):
    """Ejecuta el script dentro de una transacción, anota cuántas filas tocó, y la deshace."""
    behaviour.run_undone(context.world.about(script))


@when("se ejecuta el script de migración '{script}' mirando cuánto retiene la tabla")
def run_script_watched(context, script):
    """Ejecuta el script mientras alguien mira, cada pocos milisegundos, cuánto tiempo retiene la tabla."""
    behaviour.run_watched(context.world.about(script))


@then("la sesión queda como estaba")
def session_is_as_it_was(context):
    """La sesión no conserva del script ningún ajuste, candado, tabla temporal, rol ni transacción abierta."""
    behaviour.expect_session_as_it_was(context.world)


@then("el script fue un único bloque DO")
def script_was_one_block(context):
    """El servidor recibió una sola sentencia, un bloque DO."""
    behaviour.expect_one_block(context.world)


@then("no leyó ni escribió ninguna fila")
def no_row_was_touched(context):
    """El script no leyó ni escribió ninguna fila de la tabla."""
    behaviour.expect_no_row_touched(context.world)


@then("no retuvo la tabla")
def table_was_not_held(context):
    """Nadie vio la tabla bloqueada por más de dos segundos, más de lo que el cambio lleva en cualquier máquina."""
    behaviour.expect_not_held(context.world)


@then("no bloqueó ninguna otra tabla")
def no_other_table_was_locked(context):
    """El script no tomó, sobre ninguna tabla que no sea la suya, un bloqueo que frene a quien lee o escribe."""
    behaviour.expect_no_other_lock(context.world)


@then("termina con un error")
def script_ends_in_error(context):
    """La ejecución terminó con error, y psql lo dijo."""
    behaviour.expect_error(context.world)
