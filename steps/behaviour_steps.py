"""What the script does to its session and to the tables while it runs."""

from behave import then, when

from steps.support import spanish
from steps.support.finding import Finding, Kind
from steps.support.postgres import probes
from steps.support.traffic.watch import Watch
from steps.support.unmet import require

SERVICE_SETTINGS = ("app.tenant_id",)  # left on a pooled connection, the next session would be another clinic's
LONGEST_HOLD = 2.0  # seconds: no catalogue change takes as long on any machine that runs this


@when("se ejecuta la migración en una conexión que sigue abierta")
def run_in_session(context):
    """Ejecuta el script en una conexión que sigue después, y anota cómo estaba la sesión antes y cómo queda."""
    _probed(context, lambda world: probes.in_a_session(world.database, world.script, SERVICE_SETTINGS))


@when("se ejecuta la migración contando las órdenes que da")
def run_for_commands(context):
    """Ejecuta el script con psql y anota cada orden que recibió el servidor."""
    _probed(context, lambda world: probes.commands(world.database, world.script))


@when("se ejecuta la migración y se deshace antes de confirmar")
def run_undone(context):
    """Ejecuta el script dentro de una transacción, anota cuántas filas tocó, y la deshace."""
    _probed(
        context, lambda world: probes.in_a_transaction_undone(world.database, world.script, *world.subject.relations)
    )


@when("se ejecuta la migración midiendo cuánto bloquea la tabla")
def run_watched(context):
    """Ejecuta el script mientras se mira, cada pocos milisegundos, cuánto tiempo la tabla queda bloqueada."""
    context.world.take_evidence()  # first: a database in use cannot be cloned
    with Watch(context.world.database, *context.world.subject.relations) as context.watch:
        context.world.run()


@then("la conexión queda como estaba")
def session_is_as_it_was(context):
    """La sesión no conserva del script ningún ajuste, candado, tabla temporal, rol ni transacción abierta."""
    before, after = context.behaviour.before, context.behaviour.after
    pairs = [(name, before.get(name, "nada"), after.get(name, "nada")) for name in sorted({*before, *after})]
    found = [Finding(Kind.SESSION_CHANGED, "", name, was, now) for name, was, now in pairs if was != now]
    require([one for one in found if one.name == "el rol"] or found)  # another role is shown other settings


@then("dio una sola orden")
def script_was_one_block(context):
    """El servidor recibió una sola orden, un bloque DO."""
    commands = context.behaviour.commands
    require([Finding(Kind.SEVERAL_STATEMENTS, after=", ".join(commands))] * (commands != ["DO"]))


@then("no leyó ni escribió ninguna fila")
def no_row_was_touched(context):
    """El script no leyó ni escribió ninguna fila de ninguna tabla, ni abrió ninguna de sus páginas."""
    require(Finding(Kind.ROWS_READ, table, after=counts) for table, counts in context.behaviour.touched.items())


@then("la tabla quedó libre enseguida")
def table_was_not_held(context):
    """La tabla no estuvo bloqueada más de dos segundos, más de lo que el cambio lleva en cualquier máquina."""
    held, most = (spanish.duration(seconds) for seconds in (context.watch.held, LONGEST_HOLD))
    table = context.world.subject.table
    require([Finding(Kind.HELD_TOO_LONG, table, before=most, after=held)] * (context.watch.held >= LONGEST_HOLD))


@then("no bloqueó ninguna otra tabla")
def no_other_table_was_locked(context):
    """El script no tomó, sobre ninguna tabla que no sea la suya, un bloqueo que frene a quien lee o escribe."""
    locked = context.behaviour.locked
    require(Finding(Kind.OTHER_TABLE_LOCKED, table, after=mode) for table, mode in locked.items())


def _probed(context, how):
    context.world.take_evidence()
    outcome, context.behaviour = how(context.world)
    context.world.outcomes.append(outcome)
    context.world.expect_success(outcome)
