"""How a script behaves while it runs and what it leaves behind, apart from the columns."""

from collections.abc import Callable

from sqlalchemy import text

from steps.support import expect, spanish
from steps.support.postgres import probes, roles
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.probes import Behaviour
from steps.support.spec import starting_points
from steps.support.spec.migration import script
from steps.support.traffic.watch import Watch
from steps.support.world import World

OWNER = "pg_read_all_settings"  # the predefined role that may do least

IS_SUPERUSER = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
SERVICE_SETTINGS = ("app.tenant_id",)  # left on a pooled connection, the next session would be another clinic's
MOST_COLUMNS = 1600  # Postgres's own limit; a dropped column counts
LONGEST_HOLD = 2.0  # seconds: no catalogue change takes as long on any machine that runs this


def without_room(world: World) -> None:
    """The seeds, where fewer columns fit in the table than the migration adds."""
    starting_points.with_rows(world)
    with world.database.connect() as connection:
        table = world.subject.relation
        last = connection.scalar(text(f"SELECT max(attnum) FROM pg_attribute WHERE attrelid = '{table}'::regclass"))
        left = len(world.subject.columns) - 1
        names = [f"filler_{number}" for number in range(MOST_COLUMNS - left - int(last or 0))]
        connection.execute(text(f"ALTER TABLE {table} " + ", ".join(f"ADD {name} bool" for name in names)))
        connection.execute(text(f"ALTER TABLE {table} " + ", ".join(f"DROP {name}" for name in names)))


def run_in_session(world: World) -> None:
    """Run the script in a session that goes on; fail when it fails."""
    _run(world, lambda: probes.in_a_session(world.database, world.script, SERVICE_SETTINGS))


def owned_by_somebody(world: World) -> None:
    """The seeds, where the tables have an owner who is no superuser, and the roles the migration needs are there.

    A role every server has: the suite makes none for it. Where whoever runs the suite is no superuser, they are such an
    owner already.
    """
    starting_points.with_rows(world)
    with world.database.connect() as connection:
        roles.ensure(connection, world.subject.roles)
        if connection.scalar(IS_SUPERUSER):
            for relation in world.subject.relations:
                connection.execute(text(f"ALTER TABLE {relation} OWNER TO {OWNER}"))
            world.runs_as = OWNER


def run_as_owner(world: World) -> None:
    """Run the script in the name of that owner; fail when it fails."""
    script.run(world, {"role": world.runs_as} if world.runs_as else {})


def run_for_commands(world: World) -> None:
    """Run the script, keeping what statements it was; fail when it fails."""
    _run(world, lambda: probes.commands(world.database, world.script))


def run_undone(world: World) -> None:
    """Run the script in a transaction, roll it back; fail when it cannot run in one."""
    _run(world, lambda: probes.in_a_transaction_undone(world.database, world.script, *world.subject.relations))


def run_watched(world: World) -> None:
    """Run the script with somebody watching how long it holds the table."""
    world.take_evidence()  # first: a database somebody is connected to cannot be cloned
    with Watch(world.database, *world.subject.relations) as world.watch:
        script.run(world)


def expect_not_held(world: World) -> None:
    """Fail when somebody saw the script hold the table for longer than any change of the catalogue takes."""
    assert world.watch, "Ningún paso de este escenario miró cuánto bloquea la tabla."
    expect.true(
        f"La migración bloqueó {_tables(world)} mucho más de lo que tarda el cambio.",
        world.watch.held < LONGEST_HOLD,
        f"más de {LONGEST_HOLD:.0f} s bloqueada",
    )


def expect_session_as_it_was(world: World) -> None:
    """Fail when the session is not as before the script."""
    found = _of(world)
    names = sorted(set(found.before) | set(found.after))
    pairs = ((name, found.before.get(name, "nada"), found.after.get(name, "nada")) for name in names)
    left = [f"{name}: antes {was}, ahora {now}" for name, was, now in pairs if was != now]
    expect.nothing("La migración dejó cambiada la sesión de quien la ejecutó.", left)


def expect_one_block(world: World) -> None:
    """Fail unless the server got exactly one statement, a DO block."""
    expect.equal("La migración no se hace con una sola orden (un bloque DO).", "DO", ", ".join(_of(world).commands))


def expect_no_row_touched(world: World) -> None:
    """Fail when the script read or wrote any row of the table: its lock would last as long as the table is big."""
    wanted = ["leyó 0", "escribió 0", "abrió 0 páginas"]
    expect.same_words(
        f"La migración recorrió los {world.subject.rows} uno por uno.", ", ".join(wanted), ", ".join(_of(world).touched)
    )


def expect_no_other_lock(world: World) -> None:
    """Fail when the script kept anybody out of another table than its own."""
    pairs = (line.rpartition(": ") for line in _of(world).locked)
    locked = [f"{name}: {mode}" for name, _, mode in pairs]
    expect.nothing("La migración bloqueó otras tablas, donde la clínica también trabaja.", locked)


def expect_error(world: World) -> None:
    """Fail when the script said it had succeeded."""
    expect.true("La migración no pudo terminar, y no lo dijo.", not world.outcome.succeeded, "terminó sin error")


def _run(world: World, how: Callable[[], tuple[Outcome, Behaviour]]) -> None:
    world.take_evidence()
    outcome, world.behaviour = how()
    world.outcomes.append(outcome)
    script.expect_success(world)


def _tables(world: World) -> str:
    tables = spanish.listed([world.subject.table, *world.subject.also])
    return f"las tablas {tables}" if world.subject.also else f"la tabla {tables}"


def _of(world: World) -> Behaviour:
    assert world.behaviour, "Ningún paso de este escenario miró qué hace el script."
    return world.behaviour
