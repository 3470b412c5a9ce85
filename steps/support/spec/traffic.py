"""A migration on a live table: what goes on beside it, and what it must not do to them."""

from collections.abc import Callable, Mapping

from psycopg2.errorcodes import LOCK_NOT_AVAILABLE
from sqlalchemy import text

from steps.support import expect
from steps.support.postgres.psql import Run
from steps.support.spec.migration import script
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.watch import Watch
from steps.support.traffic.writers import Writers
from steps.support.waiting import wait_until
from steps.support.world import World

LOOKS = 150  # about a second of a migration being looked at
HANG_SECONDS = 15
MIGRATORS = 3


def start_writing(world: World) -> None:
    """Eight sessions insert rows from now on."""
    _watched(world)
    world.writers = world.background.enter_context(Writers(world.database, world.subject))


def hold(world: World, kind: str) -> None:
    """Somebody holds the table from now on, in one of the ways of `KINDS`."""
    _watched(world)
    world.blocker = world.background.enter_context(Blocker(world.database, world.subject, KINDS[kind], world.table))


def migrate_while_held(world: World) -> None:
    """Run the script; once it has had the chance to misbehave, the blocker leaves."""
    enough = _watch(world).looks + LOOKS
    _run_while_held(world, lambda watch: watch.looks >= enough)


def migrate_beside_blocker(world: World) -> None:
    """Run the script to its end while the table stays held."""
    _run_while_held(world, lambda _: False)


def migrate_for(world: World, deadline: str) -> None:
    """Run the script with a deadline while the table stays held, however it ends."""
    blocker = _blocker(world)
    budgets = {"migration.deadline": deadline}
    run = _started(world, budgets)
    world.outcomes.append(run.outcome(HANG_SECONDS))
    blocker.leave()


def migrate_all_at_once(world: World) -> None:
    """Several runs of the script by psql, and one by Alembic, at the same time."""
    world.take_evidence()
    runs = [_started(world) for _ in range(MIGRATORS)]
    by_alembic = world.suite.alembic.upgrade(world.database, world.subject)
    world.outcomes += [by_alembic, *(run.outcome() for run in runs)]


def cut_short(world: World) -> None:
    """Start the script while the table is held, end its session on the server, and free the table."""
    watch, blocker = _watch(world), _blocker(world)
    run = _started(world)
    watch.wait_for_looks(LOOKS // 3, "the migration's session")
    watch.end_sessions()
    world.outcomes.append(run.outcome(HANG_SECONDS))
    blocker.leave()


def expect_never_queued(world: World) -> None:
    """Fail when the migration held or waited for a lock that stops writers while somebody held the table."""
    found = [f"pidió un bloqueo que frena a los demás: {mode}" for mode in sorted(world.requested_while_held)]
    expect.nothing("La migración se puso en la cola de la tabla mientras alguien la tenía ocupada.", found)


def expect_blocker_undisturbed(world: World) -> None:
    """Fail when whoever held the table lost its statement, its transaction or its session before it left."""
    disturbed = _blocker(world).disturbed
    found = [disturbed] if disturbed else []
    expect.nothing("Se interrumpió a quien tenía ocupada la tabla.", found)


def expect_every_write(world: World) -> None:
    """Fail when a write beside the migration failed, or one that was confirmed is not there."""
    writers = world.writers
    assert writers, "Nadie anota en este escenario: falta el Given que lo dice."
    writers.leave()
    expect.nothing("Fallaron anotaciones durante la migración.", writers.failures)
    with world.database.connect() as connection:
        kept = set(connection.execute(text(f"SELECT {world.subject.key} FROM {world.subject.relation}")).scalars())
    lost = sorted(f"{world.subject.key} {key}" for key in set(writers.written) - kept)
    expect.nothing("Se perdieron anotaciones ya confirmadas.", lost[:10])


def expect_surrender(world: World) -> None:
    """Fail unless the migration gave up because the table was never free, and named who held it."""
    named = _blocker(world).kind.named
    wanted, found = script.ended(LOCK_NOT_AVAILABLE), script.ended(world.outcome.sqlstate)
    expect.same_words("La migración no se rindió como debía.", wanted, found)
    expect.true(
        f"La migración no nombra a quien tiene la tabla: {named}.", named in world.outcome.detail, world.outcome.detail
    )


def expect_cut_short(world: World) -> None:
    """Fail unless the run was in fact interrupted."""
    expect.true("La migración terminó antes de que la cortaran.", not world.outcome.succeeded, "terminó sin error")


def _watched(world: World) -> None:
    # Evidence first: a database somebody is connected to cannot be cloned.
    if not world.evidence:
        world.take_evidence()
    if not world.watch:
        world.watch = world.background.enter_context(Watch(world.database, *world.subject.relations))


def _watch(world: World) -> Watch:
    assert world.watch, "Nadie mira la tabla en este escenario: falta el Given que la ocupa."
    return world.watch


def _blocker(world: World) -> Blocker:
    assert world.blocker, "Nadie tiene ocupada la tabla en este escenario: falta el Given que lo dice."
    return world.blocker


def _started(world: World, settings: Mapping[str, str] | None = None) -> Run:
    """The script under way; ended with the scenario at the latest, whatever becomes of it meanwhile."""
    run = Run(world.database, world.script, settings)
    world.background.callback(run.give_up)
    return run


def _run_while_held(world: World, seen_enough: Callable[[Watch], bool]) -> None:
    """Run the script until it ends, or enough was seen of it; then the blocker leaves.

    At the first request that may not be, the script is ended: there is nothing more to learn from it, and left
    in the queue it would have the table as soon as the blocker leaves.
    """
    watch, blocker = _watch(world), _blocker(world)
    run = _started(world)
    hangs = False
    try:
        wait_until(lambda: bool(watch.strong) or seen_enough(watch) or run.ended, "its end", HANG_SECONDS)
    except TimeoutError:
        hangs = True
    world.requested_while_held = watch.strong
    if hangs or watch.strong:
        watch.end_sessions()
    blocker.leave()
    outcome = run.outcome(HANG_SECONDS)
    if hangs:
        outcome.lost, outcome.message = False, f"en {HANG_SECONDS:.0f} s no terminó, con la tabla ocupada; se la cortó"
    world.outcomes.append(outcome)
