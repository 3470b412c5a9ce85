"""Saving what cannot be saved: what is said, and that the session goes on."""

from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.storable import UnstorableValueError
from steps.support import expect
from steps.support.spec.persistence import rows
from steps.support.spec.persistence.rows import AWKWARD_TEXTS
from steps.support.spec.world import World
from steps.support.vocabulary import known

REASONS = {
    AWKWARD_TEXTS["una letra que ninguna base puede guardar"]: "NUL",
    AWKWARD_TEXTS["un emoji cortado por la mitad"]: "lone surrogate",
    AWKWARD_TEXTS["un número en vez de un texto"]: "give the digits",
}  # what the service says of it


def attempt_to_save(world: World) -> None:
    """Save the patient, keep what is said, and save another in the same session."""
    with world.session() as session:
        try:
            session.add(rows.unsaved(world))
            session.commit()
        except UnstorableValueError as refusal:
            world.attempt.said = str(refusal)
        session.rollback()
        go_on(world, session)


def go_on(world: World, session: Session) -> None:
    """Save an ordinary patient in a session that has just failed."""
    session.add(Patient(tenant_id=1, phone_number="+5491188888888", first_name="Después"))
    session.commit()
    world.attempt.went_on = True


def expect_said(world: World, column: str) -> None:
    """Fail unless the refusal names the column and what is impossible about its value, in one line."""
    known(column, "una columna con un texto imposible en este escenario", [*world.saved])
    said, reason = world.attempt.said, REASONS[world.saved[column]]
    expect.true("El error no dice qué columna ni por qué.", column in said and reason in said, said)
    expect.equal("El error no es una sola línea.", 1, len(said.splitlines()))


def expect_went_on(world: World) -> None:
    """Fail unless the session that was refused saved another patient."""
    expect.true("La sesión no siguió trabajando.", world.attempt.went_on, "no guardó otro paciente")
