"""A migration on a live table: what goes on beside it, and what it must not do to them."""

from behave import given, register_type, then, when
from parse_type import TypeBuilder
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE

from steps.support import spanish
from steps.support.finding import Finding, Kind, Rows, differing
from steps.support.postgres import time_limit
from steps.support.postgres.psql import Run
from steps.support.traffic import watch
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.writers import Writers
from steps.support.unmet import require
from steps.support.waiting import wait_until

MIGRATORS = 3

register_type(Blocker=TypeBuilder.make_enum(dict(KINDS)))


@given("ocho recepcionistas anotan sin parar")
def eight_receptionists_write(context):
    """Ocho sesiones agregan filas, unos cientos por segundo entre todas, hasta que termina el escenario."""
    _watch(context)
    world = context.world
    world.writers = world.background.enter_context(Writers(world.database, world.subject))


@given("{kind:Blocker} tiene ocupada la tabla")
def session_holds_the_table(context, kind):
    """Otra sesión deja la tabla tomada de la manera que se nombra, hasta que el escenario la libera."""
    session_holds_a_table(context, kind, context.world.subject.table)


@given("{kind:Blocker} tiene ocupada la tabla '{table}'")
def session_holds_a_table(context, kind, table):
    """Otra sesión deja tomada otra de las tablas de la migración, hasta que el escenario la libera."""
    _watch(context)
    world = context.world
    world.blocker = world.background.enter_context(Blocker(world.database, world.subject, kind, table))


@when("se ejecuta la migración hasta que la tabla se libera")
def run_until_the_table_is_free(context):
    """Ejecuta el script con la tabla tomada, le da un segundo para portarse mal y recién entonces la libera."""
    enough = context.watch.looks + watch.LOOKS
    _run_while_held(context, lambda: context.watch.looks >= enough)


@when("se ejecuta la migración con la tabla ocupada")
def run_with_the_table_held(context):
    """Ejecuta el script hasta el final mientras la tabla sigue tomada."""
    _run_while_held(context, lambda: False)


@when("se ejecuta la migración con un plazo de {deadline}")
def run_with_a_deadline(context, deadline):
    """Ejecuta el script con ese plazo total de espera, mientras la tabla sigue tomada."""
    run = _started(context, {"migration.deadline": deadline})
    context.world.outcomes.append(run.outcome(time_limit.while_held()))
    context.world.blocker.leave()


@when("se ejecutan a la vez varias migraciones, a mano y con la herramienta de cambios")
def run_all_at_once(context):
    """Ejecuta el script varias veces con psql y una con Alembic, todas al mismo tiempo."""
    world = context.world
    world.take_evidence()
    runs = [_started(context) for _ in range(MIGRATORS)]
    by_alembic = world.suite.alembic.upgrade(world.database, world.subject)
    world.outcomes += [by_alembic, *(run.outcome() for run in runs)]


@when("se corta la migración mientras espera")
def cut_the_migration_short(context):
    """Termina en el servidor la sesión del script mientras espera, y después libera la tabla."""
    run = _started(context)
    enough = context.watch.looks + watch.LOOKS // 3
    wait_until(lambda: context.watch.looks >= enough or run.ended, "the migration's session")
    context.watch.end_sessions()
    context.world.outcomes.append(run.outcome(time_limit.while_held()))
    context.world.blocker.leave()


@then("la migración no pidió la tabla mientras estuvo ocupada")
def migration_never_queued(context):
    """Con la tabla tomada, el script no pidió ningún bloqueo que frene a quien escribe, y terminó bien."""
    world = context.world
    queued = [Finding(Kind.QUEUED, world.subject.table, after=mode) for mode in sorted(context.requested_while_held)]
    require(_disturbed(context) + queued)
    world.expect_success(*world.outcomes)


@then("la sesión que tenía ocupada la tabla no fue interrumpida")
def holder_was_not_disturbed(context):
    """La sesión que tenía tomada la tabla la dejó cuando quiso: su consulta no se canceló ni su sesión se cerró."""
    require(_disturbed(context))


@then("ninguna anotación falló ni se perdió")
def every_write_is_there(context):
    """Ninguna de las sesiones que agregaban filas tuvo un error, y todo lo confirmado está en la tabla."""
    world, subject = context.world, context.world.subject
    world.writers.leave()
    require(Finding(Kind.WRITE_FAILED, subject.table, after=one) for one in dict.fromkeys(world.writers.failures))
    with world.database.connect() as connection:
        kept = {*connection.exec_driver_sql(f"SELECT {subject.key} FROM {subject.relation}").scalars()}
    lost = sorted(f"{subject.key} {key}" for key in {*world.writers.written} - kept)
    require([Finding(Kind.WRITE_LOST, subject.table, before=Rows(len(lost), tuple(lost[:10])))] * bool(lost))


@then("la migración se rinde y nombra la sesión que tiene la tabla")
def migration_gives_up(context):
    """El script terminó con el error 55P03 y su detalle dice qué sesión tenía la tabla y de qué manera."""
    outcome, named = context.world.outcome, context.world.blocker.kind.named
    require(differing(Kind.NOT_REFUSED, spanish.ended(LOCK_NOT_AVAILABLE), spanish.ended(outcome.sqlstate)))
    require([Finding(Kind.HOLDER_NOT_NAMED, before=named, after=outcome.detail)] * (named not in outcome.detail))


def _disturbed(context):
    disturbed = context.world.blocker.disturbed
    return [Finding(Kind.HOLDER_DISTURBED, after=disturbed)] * bool(disturbed)


def _watch(context):
    if "watch" not in context:
        world = context.world
        world.take_evidence()  # first: a database in use cannot be cloned
        context.watch = world.background.enter_context(watch.Watch(world.database, *world.subject.relations))


def _started(context, settings=None):
    """The script under way; ended with the scenario at the latest, whatever becomes of it meanwhile."""
    run = Run(context.world.database, context.world.script, settings)
    context.world.background.callback(run.end)
    return run


def _run_while_held(context, seen_enough):
    """Run the script until it ends, or enough was seen of it; then the blocker leaves.

    At the first request that may not be, the script is ended: there is nothing more to learn from it, and left
    in the queue it would have the table as soon as the blocker leaves.
    """
    run, hangs = _started(context), False
    try:
        wait_until(lambda: bool(context.watch.strong) or seen_enough() or run.ended, "its end", time_limit.while_held())
    except TimeoutError:
        hangs = True
    context.requested_while_held = context.watch.strong
    if hangs or context.watch.strong:
        context.watch.end_sessions()
    context.world.blocker.leave()
    outcome = run.outcome(time_limit.while_held())
    if hangs:
        outcome.lost, outcome.message = False, time_limit.reached(time_limit.while_held())
    context.world.outcomes.append(outcome)
