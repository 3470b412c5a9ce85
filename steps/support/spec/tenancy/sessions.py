"""One clinic's work in its session, and what it may not reach."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, delete, event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant
from orchestrator_service.db.tenancy import AllClinicsSession, ClinicSession, TenancyError
from steps.support.postgres.database import Database
from steps.support.spec.deployment.old_service import OldPatient
from steps.support.spec.tenancy import clinics, isolation, reaching
from steps.support.spec.tenancy.reaching import Deed, Other
from steps.support.spec.world import World
from steps.support.tenant_isolation import ISOLATION, ROLE

NOBODY = 2_000_000


def with_clinics(world: World, counts: dict[str, int]) -> None:
    """A database with attribution that keeps clinics apart, in which only these have patients."""
    template = world.suite.before(ISOLATION)
    world.begin_with(world.suite.changed("clinics apart", template, lambda database: _apart(world, database)))
    world.background.enter_context(isolation.role_may_be_taken(world.database))
    world.clinics = clinics.seed(world.database, counts)


def _apart(world: World, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(text("DELETE FROM patients"))
    isolation.separate(world, database)


def look(world: World, clinic: str, deed: Deed, other: str = "") -> None:
    """Ask for patients in a clinic's session, without any filter of one's own."""
    with _session(world, clinic) as session:
        world.clinics.found = [*deed(session, _other(world, other))]


def search(world: World, clinic: str, what: str) -> None:
    """Look for one of the `SEARCHES`."""
    look(world, clinic, *reaching.SEARCHES.read(what))


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


def attempt(world: World, clinic: str, what: str) -> None:
    """Something no clinic may do, one of the `REFUSED`; how it ends is kept."""
    deed, name = reaching.REFUSED.read(what)
    with _session(world, name) as other:
        foreign = other.scalars(select(Patient)).first()
        assert foreign, f"La clínica {name} no tiene ningún paciente."
        other.expunge(foreign)
    with _refusal(world), _session(world, clinic) as session:
        deed(session, foreign)
        session.commit()


def attempt_as_unknown(world: World) -> None:
    """A session for a number no clinic has."""
    engine = world.database.engine()
    with _refusal(world), _noting(world, engine), _clinic_session(world, NOBODY) as session:
        session.scalars(select(Patient)).all()


def reach(world: World, clinic: str, deed: Deed, other: str = "") -> None:
    """Something that would reach another clinic, were it not for the server; what came back is kept."""
    with _session(world, clinic) as session, suppress(DBAPIError):
        world.clinics.found = [*(deed(session, _other(world, other)) or ())]
        session.commit()


def read(world: World, clinic: str, what: str) -> None:
    """Read in one of the ways of `READS`."""
    reach(world, clinic, *reaching.READS.read(what))


def change(world: World, clinic: str, what: str) -> None:
    """Change in one of the ways of `CHANGES`."""
    reach(world, clinic, *reaching.CHANGES.read(what))


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


def _other(world: World, name: str) -> Other:
    if not name:
        return Other()
    number = world.clinics.number(name)
    return Other(number, next(iter(clinics.ids(world.database, number)), 0))


def _clinic_session(world: World, number: int) -> ClinicSession:
    return ClinicSession(world.database.engine(), tenant_id=number, expire_on_commit=False)


@contextmanager
def _session(world: World, clinic: str) -> Iterator[ClinicSession]:
    engine = world.database.engine()
    number = world.clinics.number(clinic)
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
