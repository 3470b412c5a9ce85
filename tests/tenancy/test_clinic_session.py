"""A clinic's session, row by row of what was asked of it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, assert_type

import pytest
from sqlalchemy import Engine, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient, make_transient_to_detached, sessionmaker

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import (
    AllClinicsSession,
    ClinicSession,
    ForeignPatientError,
    InvalidClinicError,
    OutsideTheDoorError,
    RefusedStatementError,
    UnknownClinicError,
    session_events,
)
from tests.tenancy import guards
from tests.tenancy.models import Person
from tests.tenancy.two_clinics import NORTH, OURS, SOUTH, THEIRS, UNKNOWN


@pytest.fixture
def north(engine: Engine) -> Iterator[ClinicSession]:
    with ClinicSession(engine, tenant_id=NORTH) as session:
        yield session


@pytest.fixture
def sent(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        statements.append(sql)

    event.listen(engine, "after_cursor_execute", note)
    yield statements
    event.remove(engine, "after_cursor_execute", note)


@pytest.mark.parametrize("wrong", [None, 0, -1, "2", True, 2.0, 2**31])
def test_a_tenant_id_that_is_no_number_of_a_clinic(engine: Engine, wrong: Any) -> None:
    with pytest.raises(InvalidClinicError, match="positive int"):
        ClinicSession(engine, tenant_id=wrong)


def test_an_unknown_clinic_is_refused_when_the_first_transaction_begins(engine: Engine) -> None:
    with ClinicSession(engine, tenant_id=UNKNOWN) as session, pytest.raises(UnknownClinicError, match="99"):
        session.scalars(select(Patient)).all()


def test_without_that_guard_an_unknown_clinic_reads_an_empty_list(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = guards.listener(ClinicSession, "after_begin", session_events.know_the_clinic)
    ending: ExitStack = guards.remove(guard, monkeypatch)
    with ending, ClinicSession(engine, tenant_id=UNKNOWN) as session:
        assert session.scalars(select(Patient)).all() == []


def test_a_clinic_is_looked_up_once_for_an_engine(engine: Engine, sent: list[str]) -> None:
    for _ in range(3):
        with ClinicSession(engine, tenant_id=1) as session:
            session.scalars(select(Person)).all()
    assert sum("tenants" in sql for sql in sent) <= 1


def test_the_result_is_typed(north: ClinicSession) -> None:
    patients = list(north.scalars(select(Patient)))
    assert_type(patients, list[Patient])
    assert_type(north.get(Patient, 11), Patient | None)
    assert_type(north.get_one(Patient, 11), Patient)
    assert [patient.id for patient in patients] == list(OURS)


def test_what_the_unit_of_work_sends_carries_tenant_id(north: ClinicSession, sent: list[str]) -> None:
    person = north.get_one(Person, 11)
    north.refresh(person)
    north.expire(person)
    person.notes = "changed"
    north.flush()
    north.delete(person)
    north.flush()
    about = [sql for sql in sent if "patients" in sql]
    assert {sql.split()[0] for sql in about} == {"SELECT", "UPDATE", "DELETE"}
    assert [sql for sql in about if "patients.tenant_id = " not in sql] == []


def test_a_missing_tenant_id_is_filled_in(north: ClinicSession) -> None:
    added = Person(phone_number="1", first_name="a")
    nothing = Person(phone_number="2", first_name="b", tenant_id=None)
    north.add_all([added, nothing])
    north.flush()
    rows = [{"phone_number": "3", "first_name": "c"}, {"phone_number": "4", "first_name": "d"}]
    inserted = north.scalars(insert(Person).returning(Person), rows).all()
    assert [person.tenant_id for person in [added, nothing, *inserted]] == [NORTH] * 4


def test_the_administrators_door_takes_no_guess(engine: Engine) -> None:
    with AllClinicsSession(engine) as session:
        session.add(Person(phone_number="1", first_name="a"))
        with pytest.raises(OutsideTheDoorError, match="without a tenant_id"):
            session.flush()


def test_the_administrators_door_reaches_every_clinic(engine: Engine) -> None:
    with AllClinicsSession(engine) as session:
        assert {person.tenant_id for person in session.scalars(select(Person))} == {NORTH, SOUTH}
        assert session.scalar(text("SELECT count(*) FROM patients")) == 8


def test_two_clinics_share_the_cached_sql_and_not_its_values(engine: Engine) -> None:
    for clinic, ids in [(NORTH, OURS), (SOUTH, THEIRS)] * 3:
        with ClinicSession(engine, tenant_id=clinic) as session:
            assert session.scalars(select(Person.id).order_by(Person.id)).all() == list(ids)


def test_an_object_of_one_clinic_does_not_enter_anothers_session(engine: Engine, north: ClinicSession) -> None:
    with ClinicSession(engine, tenant_id=SOUTH) as south:
        person = south.get_one(Person, 1001)
        south.expunge(person)
    for take in (north.add, north.delete, lambda one: north.merge(one, load=False)):
        with pytest.raises(ForeignPatientError, match="tenant_id 3"):
            take(person)
    north.merge(person)
    with pytest.raises(ForeignPatientError):
        north.flush()
    north.rollback()
    make_transient(person)
    with pytest.raises(ForeignPatientError):
        north.add(person)
    assert north.get(Person, 1001) is None
    assert north.get(Person, (SOUTH, 1001)) is None


def test_an_object_of_the_clinic_comes_back_in(north: ClinicSession) -> None:
    person = Person(tenant_id=NORTH, id=11)
    make_transient_to_detached(person)
    north.add(person)
    assert person.notes == "north 11"


def test_a_patient_does_not_change_clinics_and_the_session_goes_on(north: ClinicSession, sent: list[str]) -> None:
    person = north.get_one(Person, 11)
    person.tenant_id = SOUTH
    with pytest.raises(ForeignPatientError, match="nothing was written"):
        north.commit()
    assert not any(sql.startswith("UPDATE") for sql in sent)
    north.rollback()
    assert north.get_one(Person, 11).tenant_id == NORTH


def test_a_savepoint_keeps_to_the_clinic(north: ClinicSession) -> None:
    taken = Person(phone_number="n11", first_name="taken")
    with north.begin_nested():
        north.add(Person(phone_number="5", first_name="e"))
    with pytest.raises(IntegrityError), north.begin_nested():
        north.add(taken)
    assert north.scalar(select(func.count()).select_from(Person)) == 5


def test_a_session_handed_to_another_thread_is_still_the_clinics(north: ClinicSession, engine: Engine) -> None:
    found: dict[str, list[int]] = {}

    def read(name: str, session: ClinicSession) -> None:
        found[name] = list(session.scalars(select(Person.id).order_by(Person.id)))

    with ClinicSession(engine, tenant_id=SOUTH) as south:
        threads = [
            threading.Thread(target=read, args=("north", north)),
            threading.Thread(target=read, args=("south", south)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {"north": list(OURS), "south": list(THEIRS)}


def test_refused_before_it_reaches_the_server(north: ClinicSession, sent: list[str]) -> None:
    north.connection()
    sent.clear()
    for statement in (select(Person.__table__), text("SELECT 1"), insert(Person).values(tenant_id=SOUTH)):
        with pytest.raises((RefusedStatementError, ForeignPatientError)):
            north.execute(statement)
    assert sent == []
    assert north.scalar(select(func.count(Person.id))) == 4


def test_a_sessionmaker_makes_them(engine: Engine) -> None:
    open_session = sessionmaker(engine, class_=ClinicSession)
    with open_session(tenant_id=SOUTH) as session:
        assert session.tenant_id == SOUTH
        assert session.scalars(select(Person.id).order_by(Person.id)).all() == list(THEIRS)
