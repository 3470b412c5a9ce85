"""How a script behaves while it runs and what it leaves behind, apart from the columns."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from steps.support.harness import expect
from steps.support.harness.concurrency.watch import Watch
from steps.support.harness.databases import probes as conduct_facts
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.probes import Conduct
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.world import World
from steps.support.spec import starting_points
from steps.support.spec.migration import script as migration

OWNER = "pg_read_all_settings"  # the predefined role that may do least
ROOM = 3  # columns that still fit where five are wanted
MOST_COLUMNS = 1600  # Postgres's own limit; a dropped column counts
LONGEST_HOLD = 5.0  # seconds: no catalogue change takes as long on any machine that runs this


def without_room(world: World) -> None:
    """The lived-in tables, where only three more columns fit in patients."""
    starting_points.with_patients(world)
    with world.database.connect() as connection:
        last = connection.scalar(text("SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'patients'::regclass"))
        names = [f"filler_{number}" for number in range(MOST_COLUMNS - ROOM - int(last or 0))]
        connection.execute(text("ALTER TABLE patients " + ", ".join(f"ADD {name} bool" for name in names)))
        connection.execute(text("ALTER TABLE patients " + ", ".join(f"DROP {name}" for name in names)))


def run_in_session(world: World, name: str) -> None:
    """Run the script in a session that goes on; fail when it fails."""
    _run(world, name, conduct_facts.in_a_session)


def owned_by_somebody(world: World) -> None:
    """The lived-in tables, where patients has an owner who is no superuser.

    A role every server has: the suite makes none. Where whoever runs the suite is no superuser, they are such an
    owner already.
    """
    starting_points.with_patients(world)
    with world.database.connect() as connection:
        if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            connection.execute(text(f"ALTER TABLE patients OWNER TO {OWNER}"))
            world.runs_as = OWNER


def run_as_owner(world: World, name: str) -> None:
    """Run the script in the name of that owner; fail when it fails."""
    migration.run(world, name, {"role": world.runs_as} if world.runs_as else {})


def run_for_commands(world: World, name: str) -> None:
    """Run the script, keeping what statements it was; fail when it fails."""
    _run(world, name, conduct_facts.commands)


def run_undone(world: World, name: str) -> None:
    """Run the script in a transaction, roll it back; fail when it cannot run in one."""
    _run(world, name, conduct_facts.in_a_transaction_undone)


def run_watched(world: World, name: str) -> None:
    """Run the script with somebody watching how long it holds the table."""
    migration.take_evidence(world)  # first: a database somebody is connected to cannot be cloned
    with Watch(world.database) as watch:
        migration.run(world, name)
    expect.true(
        "El script retuvo la tabla patients mucho más de lo que tarda el cambio.",
        watch.held < LONGEST_HOLD,
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


def expect_no_other_lock(world: World) -> None:
    """Fail when the script kept anybody out of another table than patients."""
    expect.nothing("El script bloqueó otras tablas, donde la clínica también trabaja.", _of(world).locked)


def expect_error(world: World) -> None:
    """Fail when the script said it had succeeded."""
    expect.true("El script no pudo terminar, y no lo dijo.", not world.outcome.succeeded, "terminó sin error")


def _run(world: World, name: str, how: Callable[[Database, Path], tuple[Outcome, Conduct]]) -> None:
    migration.take_evidence(world)
    outcome, world.conduct = how(world.database, migration.script_called(world, name))
    world.outcomes.append(outcome)
    migration.expect_success(name, outcome)


def _of(world: World) -> Conduct:
    assert world.conduct, "no step of this scenario has watched the script"
    return world.conduct
