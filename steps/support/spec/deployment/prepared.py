"""A service that prepares its statements, and a migration between two times it runs them."""

from steps.support import expect
from steps.support.spec.deployment.preparing_service import PreparingService
from steps.support.spec.world import World
from steps.support.traffic.prepared_statements import ByPrepare, by_name


def start(world: World) -> None:
    """A service that has prepared its statements, and used them."""
    # Evidence first: a database in use cannot be cloned.
    world.take_evidence()
    world.preparing = PreparingService(ByPrepare(world.database, by_name(world.database, world.subject)))
    world.background.callback(world.preparing.end)
    world.preparing.work()
    expect.nothing("El servicio no puede trabajar antes de la migración.", world.preparing.said)


def expect_works(world: World) -> None:
    """Fail when a statement it had prepared before the migration fails after it."""
    assert world.preparing, "Ningún paso de este escenario empezó un servicio que prepara sus consultas."
    world.preparing.work()
    failed = list(dict.fromkeys(world.preparing.said))
    expect.nothing("Fallaron consultas preparadas antes de la migración.", failed)
