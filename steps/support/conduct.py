"""How a script behaves while it runs and what it leaves behind, apart from the columns."""

import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

from sqlalchemy import text

from steps.support import conduct_facts, expect, lock_watch, migration, psql, starting_points
from steps.support.conduct_facts import Conduct
from steps.support.databases.database import Database
from steps.support.psql import Outcome
from steps.support.world import World

ROOM = 3  # columns that still fit where five are wanted
MOST_COLUMNS = 1600  # Postgres's own limit; a dropped column counts
LONGEST_HOLD = 5.0  # seconds: no catalogue change takes as long on any machine that runs this
WATCHED_FOR = 1.5  # seconds an old transaction lives while we look at the queue
LOOK_EVERY = 0.005


def without_room(world: World) -> None:
    """The lived-in tables, where only three more columns fit in patients."""
    starting_points.with_patients(world)
    world.untouched = None
    with world.database.connect() as connection:
        last = connection.scalar(text("SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'patients'::regclass"))
        names = [f"filler_{number}" for number in range(MOST_COLUMNS - ROOM - int(last or 0))]
        connection.execute(text("ALTER TABLE patients " + ", ".join(f"ADD {name} bool" for name in names)))
        connection.execute(text("ALTER TABLE patients " + ", ".join(f"DROP {name}" for name in names)))


def hold_table(world: World, mode: str) -> None:
    """Another session's transaction holds patients in `mode` until the scenario ends or lets it go."""
    session = world.database.connect()
    world.sessions.append(session)
    session.exec_driver_sql("BEGIN")
    session.exec_driver_sql(f"LOCK TABLE patients IN {mode} MODE")


def run_in_session(world: World, name: str) -> None:
    """Run the script in a session that goes on; fail when it fails."""
    _run(world, name, conduct_facts.in_a_session)


def run_for_commands(world: World, name: str) -> None:
    """Run the script, keeping what statements it was; fail when it fails."""
    _run(world, name, conduct_facts.commands)


def run_undone(world: World, name: str) -> None:
    """Run the script in a transaction, roll it back; fail when it cannot run in one."""
    _run(world, name, conduct_facts.in_a_transaction_undone)


def attempt(world: World, name: str) -> None:
    """Run the script, however it ends."""
    migration.take_evidence(world)
    world.outcomes.append(psql.run_file(world.database, migration.script_called(world, name)))


def run_out_of_the_queue(world: World, name: str) -> None:
    """Run the script while others hold the table; fail at once when it waits for the table in the queue.

    When it has not ended after a while, the others let go.
    """
    script = migration.script_called(world, name)
    with (
        lock_watch.watching(world.database) as watched,
        psql.start(world.database, [f"--file={script}"]) as process,
    ):
        try:
            ended = _ended(process, watched, WATCHED_FOR)
            queued = watched.queued
            if not queued and not ended:
                for session in world.sessions:
                    session.exec_driver_sql("ROLLBACK")
                _ended(process, None, psql.HANG_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
        _, stderr = process.communicate()
    outcome = psql.parse(stderr, succeeded=process.returncode == 0)
    expect.true(
        "El script se puso en la fila por la tabla patients, y detrás de él espera la clínica entera.",
        not queued,
        "esperaba la tabla mientras otra transacción la tenía",
    )
    migration.expect_success(name, outcome)
    world.outcomes.append(outcome)


def run_watched(world: World, name: str) -> None:
    """Run the script with somebody watching how long it holds the table."""
    with lock_watch.watching(world.database) as watched:
        migration.run(world, name)
    expect.true(
        "El script retuvo la tabla patients mucho más de lo que tarda el cambio.",
        watched.held < LONGEST_HOLD,
        f"más de {LONGEST_HOLD:.0f} s bloqueada",
    )


def expect_session_as_it_was(world: World) -> None:
    """Fail when the session is not as before the script."""
    found = _of(world)
    names = sorted(set(found.before) | set(found.after))
    pairs = ((name, found.before.get(name, "nada"), found.after.get(name, "nada")) for name in names)
    left = [f"{name}: antes {was}, ahora {now}" for name, was, now in pairs if was != now]
    expect.nothing("El script dejó algo puesto en la sesión.", left)


def expect_one_block(world: World) -> None:
    """Fail unless the server got exactly one statement, a DO block."""
    expect.equal("El script no es un único bloque DO.", "DO", ", ".join(_of(world).commands))


def expect_no_row_touched(world: World) -> None:
    """Fail when the script read or wrote any row of patients: its lock would last as long as the table is big."""
    wanted = ["leyó 0", "escribió 0"]
    expect.equal("El script recorrió los pacientes uno por uno.", ", ".join(wanted), ", ".join(_of(world).touched))


def expect_error(world: World) -> None:
    """Fail when the script said it had succeeded."""
    expect.true("El script no pudo terminar, y no lo dijo.", not world.outcome.succeeded, "terminó sin error")


def expect_success(world: World) -> None:
    """Fail when the script ended in an error."""
    migration.expect_success("", world.outcome)


def _run(world: World, name: str, how: Callable[[Database, Path], tuple[Outcome, Conduct]]) -> None:
    migration.take_evidence(world)
    outcome, world.conduct = how(world.database, migration.script_called(world, name))
    world.outcomes.append(outcome)
    migration.expect_success(name, outcome)


def _of(world: World) -> Conduct:
    assert world.conduct, "no step of this scenario has watched the script"
    return world.conduct


def _ended(process: Popen[str], watched: lock_watch.Watched | None, seconds: float) -> bool:
    """Whether the process ended within the time; stops looking once the queue was seen."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until and not (watched and watched.queued):
        time.sleep(LOOK_EVERY)
    return process.poll() is not None
