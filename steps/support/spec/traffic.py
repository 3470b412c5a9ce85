"""A migration on a live table: what goes on beside it, and what it must not do to them."""

from collections.abc import Callable

from sqlalchemy import text

from steps.support.harness import expect
from steps.support.harness.concurrency.blockers import KINDS, Holder
from steps.support.harness.concurrency.latency import Latency, Span
from steps.support.harness.concurrency.watch import Watch
from steps.support.harness.concurrency.writers import Writers
from steps.support.harness.databases import alembic_commands as alembic_runs
from steps.support.harness.databases.psql import Run
from steps.support.harness.report import latency_chart as picture
from steps.support.harness.waiting import wait_until
from steps.support.harness.world import World
from steps.support.spec.migration import script as migration

LOOKS = 150  # about a second of a migration being looked at
HANG_SECONDS = 15
MIGRATORS = 3
PROMISED_SECONDS = 0.5  # migration.max_stall of the script, unless somebody sets another
LOCK_NOT_AVAILABLE = "55P03"


def start_writing(world: World) -> None:
    """Eight sessions insert patients from now on."""
    _watched(world)
    world.writers = world.company.enter_context(Writers(world.database))


def hold(world: World, kind: str) -> None:
    """Somebody holds the table from now on, in one of the ways of `KINDS`."""
    _watched(world)
    world.holder = world.company.enter_context(Holder(world.database, KINDS[kind]))


def migrate_while_held(world: World, name: str) -> None:
    """Run the script; once it has had the chance to misbehave, the holder leaves."""
    assert world.watch
    enough = world.watch.looks + LOOKS
    _run_while_held(world, name, lambda watch: watch.looks >= enough)


def migrate_beside_holder(world: World, name: str) -> None:
    """Run the script to its end while the table stays held."""
    _run_while_held(world, name, lambda _: False)


def migrate_for(world: World, name: str, deadline: str) -> None:
    """Run the script with a deadline while the table stays held, however it ends."""
    assert world.holder
    budgets = {"migration.deadline": deadline}
    run = Run(world.database, migration.script_called(world, name), budgets)
    world.outcomes.append(run.outcome(HANG_SECONDS))
    world.holder.leave()


def migrate_all_at_once(world: World, name: str) -> None:
    """Several runs of the script by psql, and one by Alembic, at the same time."""
    migration.take_evidence(world)
    script = migration.script_called(world, name)
    runs = [Run(world.database, script) for _ in range(MIGRATORS)]
    by_alembic = alembic_runs.upgrade(world.database, script)
    world.outcomes += [by_alembic, *(run.outcome() for run in runs)]


def cut_short(world: World, name: str) -> None:
    """Start the script while the table is held, end its session on the server, and free the table."""
    assert world.watch
    assert world.holder
    run = Run(world.database, migration.script_called(world, name))
    world.watch.wait_for_looks(LOOKS // 3, "the migration's session")
    world.watch.end_sessions()
    world.outcomes.append(run.outcome(HANG_SECONDS))
    world.holder.leave()


def expect_never_queued(world: World) -> None:
    """Fail when the migration held or waited for a lock that stops writers while somebody held the table."""
    found = [f"pidió {mode}" for mode in sorted(world.requested_while_held)]
    expect.nothing("La migración se puso en la cola de la tabla mientras alguien la tenía ocupada.", found)


def expect_holder_undisturbed(world: World) -> None:
    """Fail when whoever held the table lost its statement, its transaction or its session before it left."""
    assert world.holder
    found = [world.holder.disturbed] if world.holder.disturbed else []
    expect.nothing("Se interrumpió a quien tenía ocupada la tabla.", found)


def expect_every_write(world: World) -> None:
    """Fail when a write beside the migration failed, or one that was confirmed is not there."""
    assert world.writers
    world.writers.leave()
    expect.nothing("Fallaron anotaciones durante la migración.", world.writers.failures)
    with world.database.connect() as connection:
        kept = set(
            connection.execute(text("SELECT phone_number FROM patients WHERE phone_number LIKE '+t%'")).scalars()
        )
    lost = sorted(set(world.writers.written) - kept)
    expect.nothing("Se perdieron anotaciones ya confirmadas.", lost[:10])


def expect_surrender(world: World) -> None:
    """Fail unless the migration gave up because the table was never free, and named who held it."""
    assert world.holder
    expect.equal("La migración no se rindió como debía.", LOCK_NOT_AVAILABLE, world.outcome.sqlstate or "sin error")
    named = world.holder.kind.named
    expect.true(
        f"La migración no nombra a quien tiene la tabla: {named}.", named in world.outcome.detail, world.outcome.detail
    )


def expect_cut_short(world: World) -> None:
    """Fail unless the run was in fact interrupted."""
    expect.true("La migración terminó antes de que la cortaran.", not world.outcome.succeeded, "terminó sin error")


def drawn(world: World) -> str:
    """How long each write of the scenario took, as SVG; empty without traffic. Whoever was beside it leaves first."""
    if not world.writers:
        return ""
    world.company.close()
    return picture.svg(_latency(world))


def _latency(world: World) -> Latency:
    assert world.writers
    writers, holder = world.writers, world.holder
    zero = writers.began
    names = [name for name, kind in KINDS.items() if holder and kind is holder.kind]
    runs = [run for run in world.outcomes if run.began]
    return Latency(
        waits=[(began - zero, wait) for began, wait in writers.waits],
        done=len(writers.written),
        seconds=writers.ended - zero,
        promised=PROMISED_SECONDS,
        writers=writers.count,
        failures=len(writers.failures),
        migrations=[Span("migración", run.began - zero, run.began + run.seconds - zero) for run in runs],
        holders=[Span(name, holder.began - zero, holder.ended - zero) for name in names if holder],
    )


def _watched(world: World) -> None:
    # Evidence first: a database somebody is connected to cannot be cloned.
    if not world.evidence:
        migration.take_evidence(world)
    if not world.watch:
        world.watch = world.company.enter_context(Watch(world.database))


def _run_while_held(world: World, name: str, seen_enough: Callable[[Watch], bool]) -> None:
    """Run the script until it ends, or enough was seen of it; then the holder leaves.

    At the first request that may not be, the script is ended: there is nothing more to learn from it, and left
    in the queue it would have the table as soon as the holder leaves.
    """
    watch, holder = world.watch, world.holder
    assert watch
    assert holder
    run = Run(world.database, migration.script_called(world, name))
    hangs = False
    try:
        wait_until(lambda: bool(watch.strong) or seen_enough(watch) or run.ended, "its end", HANG_SECONDS)
    except TimeoutError:
        hangs = True
    world.requested_while_held = watch.strong
    if hangs or watch.strong:
        watch.end_sessions()
    holder.leave()
    outcome = run.outcome(HANG_SECONDS)
    if hangs:
        outcome.message = f"no end after {HANG_SECONDS} s; the run was ended"
    world.outcomes.append(outcome)
