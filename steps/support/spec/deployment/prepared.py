"""A service that prepares its statements, and a migration between two times it runs them."""

from collections.abc import Callable

from steps.support import expect
from steps.support.spec.deployment.preparing_service import PreparingService
from steps.support.spec.world import World
from steps.support.traffic.prepared_statements import DRIVERS, by_name, installed
from steps.support.vocabulary import Words

CONNECTORS = Words("un servicio con <driver> ya preparó sus consultas de <rows>", DRIVERS)


def start(world: World, driver: str, skip: Callable[[str], None]) -> None:
    """A service that has prepared its statements through `driver`, and used them; without that driver, skip."""
    session = CONNECTORS[driver]
    if not installed(driver):
        skip(f"{driver} no está instalado: pip install '.[{driver}]'")
        return
    # Evidence first: a database somebody is connected to cannot be cloned.
    world.take_evidence()
    statements = by_name(world.database, world.subject)
    world.preparing = PreparingService(session(world.database, statements))
    world.background.callback(world.preparing.end)
    world.preparing.work()
    expect.nothing("El servicio no puede trabajar antes de la migración.", world.preparing.said)


def expect_works(world: World) -> None:
    """Fail when a statement it had prepared before the migration fails after it."""
    assert world.preparing, "Ningún paso de este escenario empezó un servicio que prepara sus consultas."
    world.preparing.work()
    failed = list(dict.fromkeys(world.preparing.said))
    expect.nothing("Fallaron consultas preparadas antes de la migración.", failed)
