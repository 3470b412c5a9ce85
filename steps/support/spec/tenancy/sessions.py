"""One clinic's work in its session, and what it may not reach."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine, delete, event, func, select, text, union_all, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant
from orchestrator_service.db.tenancy import AllClinicsSession, ClinicSession, TenancyError
from steps.support.spec.deployment.old_service import OldPatient
from steps.support.spec.tenancy import clinics, isolation, reaching
from steps.support.spec.tenant_isolation import ISOLATION, ROLE
from steps.support.spec.world import World

NOBODY = 2_000_000


def with_clinics(world: World, counts: dict[str, int]) -> None:
    """A database with attribution that keeps clinics apart, in which only these have patients."""
    world.begin_with(world.suite.before(ISOLATION))
    with world.database.connect() as connection:
        connection.execute(text("DELETE FROM patients"))
    world.clinics = clinics.seed(world.database, counts)
    isolation.separate(world)


def look(world: World, clinic: str, how: str) -> None:
    """Ask for patients in a clinic's session, without any filter of one's own."""
    foreign = clinics.ids(world.database, world.clinics.numbers["Sur"])[0]
    questions: dict[str, Any] = {
        "lista sus pacientes por origen": select(Patient.id).order_by(Patient.acquisition_source, Patient.id),
        "cuenta sus pacientes": select(func.array_agg(Patient.id)).select_from(Patient),
        "busca pacientes por el anuncio que los trajo": select(Patient.id).where(Patient.meta_ad_id.like("12020846%")),
        "busca un paciente por un número que es de 'Sur'": select(Patient.id).where(Patient.id == foreign),
        "mira sus pacientes junto con los datos de las clínicas": select(Patient.id).join(
            Tenant, Tenant.id == Patient.tenant_id
        ),
        "junta dos listas de pacientes": union_all(select(Patient.id), select(Patient.id)),
    }
    with _session(world, clinic) as session:
        world.clinics.found = [*session.scalars(questions[how])]


def mark_all(world: World, clinic: str, source: str) -> None:
    """Set every patient's source, without any filter of one's own."""
    with _session(world, clinic) as session:
        session.execute(update(Patient).values(acquisition_source=source))
        session.commit()


def delete_all(world: World, clinic: str) -> None:
    """Delete every patient, without any filter of one's own."""
    with _session(world, clinic) as session:
        session.execute(delete(Patient))
        session.commit()


def add_one(world: World, clinic: str) -> None:
    """A new patient with no tenant_id given."""
    with _session(world, clinic) as session:
        session.add(Patient(phone_number="nuevo", first_name="Nueva"))
        session.commit()


def attempt(world: World, clinic: str, deed: str) -> None:
    """Something no clinic may do; how it ends is kept."""
    with _session(world, "Sur") as other:
        foreign = other.scalars(select(Patient)).first()
        assert foreign
        other.expunge(foreign)
    with _refusal(world), _session(world, clinic) as session:
        reaching.REFUSED[deed](session, foreign)
        session.commit()


def attempt_as_unknown(world: World) -> None:
    """A session for a number no clinic has."""
    engine = world.database.engine()
    with _refusal(world), _noting(world, engine), _clinic_session(world, NOBODY) as session:
        session.scalars(select(Patient)).all()


def reach(world: World, clinic: str, deed: str) -> None:
    """Something that would reach another clinic, were it not for the server; what came back is kept."""
    other = world.clinics.numbers["Sur"]
    with _session(world, clinic) as session, suppress(DBAPIError):
        result: Any = reaching.DEEDS[deed](session, other)
        world.clinics.found = [*result] if result is not None else []
        session.commit()


def work_for_nobody(world: World) -> None:
    """The clinic's role, and no clinic said: what it sees."""
    with Session(world.database.engine()) as session:
        session.execute(text(f"SET LOCAL ROLE {ROLE}"))
        world.clinics.found = [*session.scalars(select(Patient.id))]


def count_as_before(world: World, who: str) -> None:
    """Somebody in use, who takes no role: the patients they see, each with its clinic."""
    with isolation.session_of(world, who) as session:
        world.clinics.found = [*session.scalars(select(OldPatient.id).join(Tenant, Tenant.id == OldPatient.tenant_id))]


def work_as_before(world: World, who: str) -> None:
    """Somebody in use changes and adds patients of every clinic, and takes back what they did."""
    with isolation.session_of(world, who) as session:
        patients = session.scalars(select(OldPatient)).all()
        for patient in patients:
            patient.notes = "de ayer"
        session.add_all(
            [OldPatient(tenant_id=n, phone_number="ayer", first_name="A") for n in world.clinics.numbers.values()]
        )
        session.flush()
        session.rollback()


def count_all(world: World) -> None:
    """Administration's session."""
    with AllClinicsSession(world.database.engine()) as session:
        world.clinics.found = [*session.scalars(select(Patient.id))]


def _clinic_session(world: World, number: int) -> ClinicSession:
    return ClinicSession(world.database.engine(), tenant_id=number, expire_on_commit=False)


@contextmanager
def _session(world: World, clinic: str) -> Iterator[ClinicSession]:
    engine = world.database.engine()
    number = world.clinics.numbers[clinic]
    with _noting(world, engine), _clinic_session(world, number) as session:
        session.info["sent"] = world.clinics.sent
        yield session


@contextmanager
def _refusal(world: World) -> Iterator[None]:
    world.clinics.sent.clear()
    try:
        yield
    except TenancyError as refusal:
        world.clinics.refusal = refusal


@contextmanager
def _noting(world: World, engine: Engine) -> Iterator[None]:
    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if "patients" in sql and "set_config" not in sql:  # a transaction's begin asks whether the server keeps it
            world.clinics.sent.append(sql.split("\n", maxsplit=1)[0][:80])

    # The engine is the database's: whoever looks at it afterwards is nobody's attempt.
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", note)
