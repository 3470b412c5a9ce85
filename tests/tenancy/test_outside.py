"""Outside the doors a tenant-owned model cannot be reached: an exception, not an empty list."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session, make_transient_to_detached, selectinload

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import (
    AllClinicsSession,
    AsyncClinicSession,
    ClinicSession,
    OutsideTheDoorError,
    RefusedStatementError,
    session_events,
    wall,
)
from orchestrator_service.db.tenancy.doors import door_of
from tests.tenancy import guards
from tests.tenancy.models import Clinic, Person
from tests.tenancy.two_clinics import SOUTH, theirs

TABLE: Any = Person.__table__


def _person() -> Person:
    return Person(tenant_id=SOUTH, phone_number="1", first_name="south")


def _detached() -> Person:
    person = Person(tenant_id=SOUTH, id=1001)
    make_transient_to_detached(person)
    return person


WAYS: dict[str, Callable[[Session], Any]] = {
    "select": lambda s: s.scalars(select(Person)).all(),
    "get": lambda s: s.get(Person, (SOUTH, 1001)),
    "query": lambda s: s.query(Person).all(),
    "subquery": lambda s: s.scalars(select(Clinic).where(Clinic.id.in_(select(Person.tenant_id)))).all(),
    "lazy load": lambda s: [clinic.people for clinic in s.scalars(select(Clinic))],
    "eager load": lambda s: s.scalars(select(Clinic).options(selectinload(Clinic.people))).all(),
    "Core": lambda s: s.execute(select(TABLE)).all(),
    "update": lambda s: s.execute(update(Person).values(notes="x")),
    "bulk insert": lambda s: s.execute(insert(Person), [{"tenant_id": SOUTH, "phone_number": "1", "first_name": "x"}]),
    "bulk save": lambda s: s.bulk_save_objects([_person()]),
    "add": lambda s: s.add(_person()),
    "merge": lambda s: s.merge(_detached(), load=False),
    "text": lambda s: s.execute(text("SELECT first_name FROM Patients")).all(),
    "text into the model": lambda s: s.scalars(select(Person).from_statement(text("SELECT * FROM patients"))).all(),
    "text with columns": lambda s: s.execute(text("SELECT id FROM public.patients").columns(TABLE.c.id)).all(),
    "the session's connection": lambda s: s.connection().execute(select(Person)).all(),
    "an engine's connection": lambda s: s.get_bind().connect().execute(select(TABLE)).all(),  # type: ignore[union-attr]
}
# What finds a hole without each guard of the outside.
OUTSIDE: dict[str, guards.Removal] = {
    "select": guards.replaced(wall, "refuse_outside", lambda _reading: None),
    "add": guards.listener(Session, "before_attach", session_events.attach_outside_to_nothing),
    "text": guards.listener(Session, "do_orm_execute", session_events.read_outside_no_text),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_plain_session_reaches_nothing(way: str, engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(OutsideTheDoorError, match="ClinicSession"):
        WAYS[way](session)


@pytest.mark.parametrize("way", OUTSIDE)
def test_without_its_guard_it_does(way: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ending: ExitStack = guards.remove(OUTSIDE[way], monkeypatch)
    with ending, Session(engine) as session:
        found = WAYS[way](session)
        assert theirs(found) or way == "add"


def test_the_message_names_the_model_and_both_doors(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(OutsideTheDoorError) as refusal:
        session.scalars(select(Patient)).all()
    assert str(refusal.value) == (
        "Patient belongs to a clinic: open ClinicSession(engine, tenant_id=…), or AllClinicsSession for them all."
    )


def test_what_belongs_to_no_clinic_is_reached_as_ever(engine: Engine) -> None:
    with Session(engine) as session:
        assert len(session.scalars(select(Clinic)).all()) == 5
        assert session.scalar(text("SELECT count(*) FROM tenants")) == 5
        session.execute(update(Clinic).values(owner_email=None))
        session.rollback()


def test_migrations_and_scripts_go_on_as_text(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM patients")) == 8


def test_a_door_opens_on_an_engine_only() -> None:
    asynchronous = create_async_engine("postgresql+asyncpg://nowhere/none")
    with pytest.raises(TypeError, match="Engine"):
        ClinicSession(None, tenant_id=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Engine"):
        AllClinicsSession(asynchronous)  # type: ignore[arg-type]
    assert AsyncClinicSession(asynchronous, tenant_id=7).tenant_id == 7


def test_a_door_marks_no_connection_but_its_own(engine: Engine) -> None:
    with engine.connect() as connection, AllClinicsSession(create_engine(engine.url)) as session:
        with pytest.raises(RefusedStatementError, match="its own engine"):
            session.connection(bind_arguments={"bind": connection})
        assert door_of(connection) is None
