"""The service and the migration, in either order: what the new service says, and that the old one goes on."""

from sqlalchemy import text

from steps.support import expect
from steps.support.postgres import psql
from steps.support.spec.deployment.old_service import PHONE, OldService
from steps.support.spec.migration import script
from steps.support.spec.world import World


def migrate_under_old_service(world: World) -> None:
    """Yesterday's service works, the script runs, and the service's connection stays open all along."""
    world.old_service = OldService(world.database.url)
    world.outcomes.append(psql.run_file(world.database, world.script))
    script.expect_success(world)


def expect_old_service_works(world: World) -> None:
    """Fail when yesterday's service fails on the migrated table."""
    assert world.old_service, "Ningún paso de este escenario empezó el servicio de siempre."
    world.old_service.work()
    world.old_service.end()


def expect_source_of_its_patient(world: World, source: str) -> None:
    """Fail unless the patient yesterday's service added came from `source`."""
    query = "SELECT acquisition_source FROM patients WHERE phone_number = :phone"
    with world.database.connect() as connection:
        found = connection.scalar(text(query), {"phone": PHONE})
    expect.equal(
        "El paciente que cargó el servicio de siempre no tiene el origen esperado (acquisition_source).", source, found
    )
