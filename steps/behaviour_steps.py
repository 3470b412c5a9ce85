"""How the script behaves while it runs, and what it leaves behind."""

from behave import given, then, when

from steps.support.spec import behaviour


@given("a la tabla casi no le queda lugar para columnas")
def table_is_nearly_full(context):
    """A la tabla le queda lugar para una columna menos de las que la migración agrega."""
    behaviour.without_room(context.world)


@given("la tabla es de un dueño que no administra el servidor")
def table_has_a_plain_owner(context):
    """La tabla, con sus datos, es de un rol que no puede en el servidor más que lo que es suyo."""
    behaviour.owned_by_somebody(context.world)


@when("ese dueño ejecuta la migración")
def owner_runs_script(context):
    """Ejecuta el script con los permisos del dueño de la tabla y ninguno más, termine como termine."""
    behaviour.run_as_owner(context.world)


@when("se ejecuta la migración en una conexión que sigue abierta")
def run_script_in_session(context):
    """Ejecuta el script en una conexión que sigue después, y anota cómo estaba la sesión antes y cómo queda."""
    behaviour.run_in_session(context.world)


@when("se ejecuta la migración contando las órdenes que da")
def run_script_for_commands(context):
    """Ejecuta el script con psql y anota cada orden que recibió el servidor."""
    behaviour.run_for_commands(context.world)


@when("se ejecuta la migración y se deshace antes de confirmar")
def run_script_undone(context):
    """Ejecuta el script dentro de una transacción, anota cuántas filas tocó, y la deshace."""
    behaviour.run_undone(context.world)


@when("se ejecuta la migración midiendo cuánto bloquea la tabla")
def run_script_watched(context):
    """Ejecuta el script mientras alguien mira, cada pocos milisegundos, cuánto tiempo la tabla queda bloqueada."""
    behaviour.run_watched(context.world)


@then("la conexión queda como estaba")
def session_is_as_it_was(context):
    """La sesión no conserva del script ningún ajuste, candado, tabla temporal, rol ni transacción abierta."""
    behaviour.expect_session_as_it_was(context.world)


@then("dio una sola orden")
def script_was_one_block(context):
    """El servidor recibió una sola orden, un bloque DO."""
    behaviour.expect_one_block(context.world)


@then("no leyó ni escribió ninguna fila")
def no_row_was_touched(context):
    """El script no leyó ni escribió ninguna fila de la tabla, ni abrió ninguna de sus páginas."""
    behaviour.expect_no_row_touched(context.world)


@then("la tabla quedó libre enseguida")
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
