"""The table is copied all the time to another database, and one of the two is migrated first."""

from collections.abc import Callable

from steps.support import expect
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.spec import columns
from steps.support.spec.deployment.replica import Replica
from steps.support.spec.migration import script
from steps.support.spec.world import World
from steps.support.traffic.replication import NoReplicationError, Replication

NUMBER = 2_000_000_000  # of the rows added: no writer's


def begin(world: World, skip: Callable[[str], None]) -> None:
    """A second database with the same rows, which receives what is written to the first; skip where none can be had."""
    copy = world.begin_with(world.suite.before(world.subject))
    try:
        world.replica = Replica(copy, Replication(world.database, copy, world.subject.relation))
    except NoReplicationError as error:
        skip(f"Aquí no se puede replicar: {error}")
        return
    world.background.callback(world.replica.feed.close)


def migrate_copy_first(world: World) -> None:
    """The script on the copy, then on the origin, with rows written between and afterwards."""
    replica = _replica(world)
    worker = replica.feed.worker()
    for database, values in ((replica.database, False), (world.database, True)):
        _migrate(world, database)
        _add(world, values=values)
        _receive(replica)
    replica.stopped |= replica.feed.worker() != worker


def migrate_origin_first(world: World) -> None:
    """The script on the origin, a row written, and the script on the copy once that has stopped, or should have."""
    replica = _replica(world)
    _migrate(world, world.database)
    _add(world, values=True)
    try:
        replica.feed.wait_until_stopped()
        replica.stopped = True
    except TimeoutError:
        return
    _migrate(world, replica.database)
    replica.feed.wait_until_received()


def expect_never_stopped(world: World) -> None:
    """Fail when the copy stopped receiving."""
    expect.true("La copia dejó de recibir lo que se anota.", not _replica(world).stopped, "se detuvo")


def expect_stopped(world: World) -> None:
    """Fail unless the copy stopped for as long as it lacked the columns."""
    expect.true("La copia no se detuvo, aunque le faltaban las columnas.", _replica(world).stopped, "siguió")


def expect_received(world: World) -> None:
    """Fail unless the copy has each row added meanwhile, with the values it has at the origin."""
    replica = _replica(world)
    names = [world.subject.key, *world.subject.columns]
    query = (
        f"SELECT {', '.join(names)} FROM {world.subject.relation} "
        f"WHERE {world.subject.key} IN ({', '.join(map(str, replica.added))}) ORDER BY 1"
    )
    found = []
    for database in (world.database, replica.database):
        with database.connect() as connection:
            found.append([tuple(row) for row in connection.exec_driver_sql(query)])
    wanted, there = found
    expect.equal("La copia no tiene lo que se anotó en el origen.", wanted, there)


def _migrate(world: World, database: Database) -> None:
    world.outcomes.append(psql.run_file(database, world.script))
    script.expect_success(world)


def _receive(replica: Replica) -> None:
    try:
        replica.feed.wait_until_received()
    except TimeoutError:
        replica.stopped = True


def _add(world: World, *, values: bool) -> None:
    """Add a row to the origin, with values in the migration's columns where it has them."""
    subject, added = world.subject, _replica(world).added
    with world.database.connect() as connection:
        row = {"tenant": 1, "number": NUMBER + len(added)}
        added.append(connection.exec_driver_sql(subject.insert, row).scalar())
        if values and subject.values:
            columns.expect_columns(world, list(subject.columns))
            values_of = ", ".join(f"{column} = {value}" for column, value in subject.values.items())
            change = f"UPDATE {subject.relation} SET {values_of} WHERE {subject.key} = {added[-1]}"
            connection.exec_driver_sql(change, execution_options={"no_parameters": True})


def _replica(world: World) -> Replica:
    assert world.replica, "Ningún paso de este escenario empezó una copia continua."
    return world.replica
