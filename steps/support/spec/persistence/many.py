"""Many patients at once: all of them, or none."""

from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from orchestrator_service.db.models_dental import Patient
from steps.support import expect
from steps.support.spec.persistence import refusals
from steps.support.spec.world import World

MARK = "De a muchos"


def rows(count: int) -> list[dict[str, Any]]:
    """So many new patients, each with an ad of its own."""
    return [
        {
            "tenant_id": 1,
            "phone_number": f"muchos {number}",
            "first_name": MARK,
            "meta_ad_id": f"0012020846673114{number:06d}",
        }
        for number in range(count)
    ]


def save(world: World, count: int) -> None:
    """Insert them with one statement."""
    with world.session() as session:
        session.execute(insert(Patient), rows(count))
        session.commit()


def attempt_with_one_repeated(world: World, count: int) -> None:
    """Insert them with the last like the first; the same session then saves another patient."""
    repeated = rows(count)
    repeated[-1]["phone_number"] = repeated[0]["phone_number"]
    with world.session() as session:
        try:
            session.execute(insert(Patient), repeated)
        except IntegrityError:
            world.attempt.said = "repeated"
        session.rollback()
        refusals.go_on(world, session)


def expect_read_back(world: World, count: int) -> None:
    """Fail unless every one of them reads back with its own ad, on a new connection."""
    with world.session() as session:
        query = select(Patient.phone_number, Patient.meta_ad_id).where(Patient.first_name == MARK)
        found = {(phone, ad) for phone, ad in session.execute(query)}
    wanted = {(row["phone_number"], row["meta_ad_id"]) for row in rows(count)}
    expect.equal("No se leen todos los pacientes guardados con su anuncio.", len(wanted), len(wanted & found))


def expect_none(world: World) -> None:
    """Fail unless it was refused and left nothing behind."""
    expect.true("El paciente repetido no se rechazó.", bool(world.attempt.said), "terminó sin error")
    with world.session() as session:
        found = session.scalar(select(func.count()).select_from(Patient).where(Patient.first_name == MARK))
    expect.equal("Quedaron pacientes de un guardado que falló.", 0, found)
