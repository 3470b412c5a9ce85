"""The service and the migration, in either order: what the new service says, and that the old one goes on."""

from typing import Any

from sqlalchemy import insert, select, text

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.not_migrated import NotMigratedError
from steps.support import expect
from steps.support.postgres import psql
from steps.support.spec.deployment.old_service import CLINIC, PHONE, OldService
from steps.support.spec.migration import script
from steps.support.spec.world import World
from steps.support.vocabulary import Words

DEEDS: Words[Any] = Words("el servicio nuevo intenta <deed> un paciente", {
    "leer": lambda session: session.scalars(select(Patient)).first(),
    "guardar": lambda session: session.execute(
        insert(Patient).values(tenant_id=CLINIC, phone_number=PHONE, first_name="Lucía", meta_ad_id="1")
    ),
})  # fmt: skip


def migrate_under_old_service(world: World) -> None:
    """Yesterday's service works, the script runs, and the service's connection stays open all along."""
    world.old_service = OldService(world.database.url)
    world.outcomes.append(psql.run_file(world.database, world.script))
    script.expect_success(world)


def attempt_unmigrated(world: World, deed: str) -> None:
    """Read or save a patient with today's model on yesterday's table."""
    world.take_evidence()
    try:
        with world.session() as session:
            DEEDS[deed](session)
    except NotMigratedError as error:
        world.attempt.said = str(error)


def expect_named(world: World) -> None:
    """Fail unless the service said, in one line, which migration is missing."""
    said, name = world.attempt.said, world.subject.script.name
    expect.true(f"El error no nombra la migración {name}.", name in said and "alembic upgrade head" in said, said)
    expect.equal("El error no es una sola línea.", 1, len(said.splitlines()))


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
