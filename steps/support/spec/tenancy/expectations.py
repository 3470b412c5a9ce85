"""What a clinic must have found, and that the other is as it was."""

from steps.support import expect
from steps.support.spec.tenancy import clinics
from steps.support.spec.world import World


def expect_found(world: World, count: int) -> None:
    """Fail unless exactly so many patients were found, each once."""
    expect.equal("No aparecen los pacientes que debían aparecer.", count, len(set(world.clinics.found)))
    expect.equal("Algún paciente aparece dos veces.", count, len(world.clinics.found))


def expect_none_of(world: World, clinic: str) -> None:
    """Fail when a patient of `clinic` was found."""
    theirs = set(clinics.ids(world.database, world.clinics.number(clinic)))
    seen = {number for one in world.clinics.found for number in (one if isinstance(one, list) else [one])}
    expect.nothing(f"Aparecen pacientes de {clinic}.", [f"id {number}" for number in sorted(theirs & seen)])


def expect_sources(world: World, clinic: str, wanted: dict[str, int]) -> None:
    """Fail unless the clinic's patients came from where `wanted` says."""
    found = clinics.sources(world.database, world.clinics.number(clinic))
    expect.equal(f"El origen de los pacientes de {clinic} no es el esperado.", wanted, found)


def expect_count(world: World, clinic: str, count: int) -> None:
    """Fail unless the clinic has so many patients."""
    found = clinics.ids(world.database, world.clinics.number(clinic))
    expect.equal(f"La clínica {clinic} no tiene los pacientes esperados.", count, len(found))


def expect_unchanged(world: World, clinic: str) -> None:
    """Fail when anything of the clinic's patients changed."""
    now = clinics.fingerprint(world.database, world.clinics.number(clinic))
    expect.equal(f"Los pacientes de {clinic} cambiaron.", world.clinics.fingerprints[clinic], now)


def expect_refused(world: World) -> None:
    """Fail unless it was refused, and nothing about patients had been sent."""
    expect.true("No se rechazó.", world.clinics.refusal is not None, "terminó sin error")
    expect.nothing("Se rechazó, pero algo llegó antes a la base de datos.", world.clinics.sent)
