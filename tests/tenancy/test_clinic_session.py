"""A clinic's session, row by row of what was asked of it."""

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, assert_type

import pytest
from sqlalchemy import Engine, event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached, sessionmaker

from orchestrator_service.db.models_dental import Patient, Tenant
from orchestrator_service.db.tenancy import (
    AgainstForgettingOnlySession,
    AllClinicsSession,
    ClinicSession,
    CrossTenantError,
    InvalidClinicError,
    NotIsolatedError,
    RefusedStatementError,
    UnknownClinicError,
)
from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.options import ROOT
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


def test_a_transaction_begins_in_one_round_trip_and_asks_once_for_the_clinic(engine: Engine, sent: list[str]) -> None:
    for _ in range(3):
        with ClinicSession(engine, tenant_id=1) as session:
            session.execute(text("SELECT 1"))
    assert [sql.split("(")[0] for sql in sent] == [
        "SELECT set_config", "SELECT EXISTS ", "SELECT 1", *["SELECT set_config", "SELECT 1"] * 2,
    ]  # fmt: skip


def test_the_result_is_typed(north: ClinicSession) -> None:
    patients = list(north.scalars(select(Patient)))
    assert_type(patients, list[Patient])
    assert_type(north.get(Patient, 11), Patient | None)
    assert_type(north.get_one(Patient, 11), Patient)
    assert [patient.id for patient in patients] == list(OURS)


def test_what_the_orm_asks_filters_by_tenant_id_and_uses_the_index(north: ClinicSession, sent: list[str]) -> None:
    north.scalars(select(Person)).all()
    north.get(Patient, 12)
    north.scalars(select(Tenant)).all()
    about = [sql for sql in sent if "FROM patients" in sql]
    assert len(about) == 2
    assert [sql for sql in about if "patients.tenant_id = " not in sql] == []
    north.execute(text("SET LOCAL enable_seqscan = off"))
    for query in ("WHERE tenant_id = 2", ""):  # by criteria, and by the policy alone
        plan = " ".join(north.scalars(text(f"EXPLAIN SELECT * FROM patients {query}")))
        assert "Index Cond: (tenant_id = " in plan, plan


def test_a_missing_tenant_id_is_filled_in(north: ClinicSession) -> None:
    added = Person(phone_number="1", first_name="a")
    nothing = Person(phone_number="2", first_name="b", tenant_id=None)
    north.add_all([added, nothing])
    north.flush()
    rows = [{"phone_number": "3", "first_name": "c"}, {"phone_number": "4", "first_name": "d"}]
    inserted = north.scalars(insert(Person).returning(Person), rows).all()
    assert [person.tenant_id for person in [added, nothing, *inserted]] == [NORTH] * 4


def test_all_clinics(engine: Engine) -> None:
    with AllClinicsSession(engine) as session:
        assert {person.tenant_id for person in session.scalars(select(Person))} == {NORTH, SOUTH}
        assert session.scalar(text("SELECT count(*) FROM patients")) == 8
        session.add(Person(phone_number="1", first_name="a"))
        with pytest.raises(IntegrityError, match="tenant_id"):
            session.flush()


def test_two_clinics_share_the_cached_sql_and_not_its_values(engine: Engine) -> None:
    for clinic, ids in [(NORTH, OURS), (SOUTH, THEIRS)] * 3:
        with ClinicSession(engine, tenant_id=clinic) as session:
            assert session.scalars(select(Person.id).order_by(Person.id)).all() == list(ids)


def test_an_object_of_one_clinic_does_not_enter_anothers_session(engine: Engine, north: ClinicSession) -> None:
    with ClinicSession(engine, tenant_id=SOUTH) as south:
        person = south.get_one(Person, 1001)
        south.expunge(person)
    for take in (north.add, north.delete, lambda one: north.merge(one, load=False)):
        with pytest.raises(CrossTenantError, match="tenant_id 3"):
            take(person)
    with pytest.raises(CrossTenantError):
        north.merge(person)
    make_transient(person)
    with pytest.raises(CrossTenantError):
        north.add(person)
    assert north.get(Person, 1001) is None


def test_an_object_of_the_clinic_comes_back_in(north: ClinicSession) -> None:
    person = Person(tenant_id=NORTH, id=11)
    make_transient_to_detached(person)
    north.add(person)
    assert person.notes == "north 11"


def test_a_patient_does_not_change_clinics_and_the_session_goes_on(north: ClinicSession, sent: list[str]) -> None:
    person = north.get_one(Person, 11)
    person.tenant_id = SOUTH
    with pytest.raises(CrossTenantError, match="nothing was written"):
        north.commit()
    assert not any(sql.startswith("UPDATE") for sql in sent)
    north.rollback()
    assert north.get_one(Person, 11).tenant_id == NORTH


def test_bulk_rows_of_another_are_refused_before_any_is_sent(north: ClinicSession, sent: list[str]) -> None:
    rows = [{"phone_number": str(n), "first_name": "x", "tenant_id": SOUTH if n == 9 else NORTH} for n in range(10)]
    with pytest.raises(CrossTenantError, match="patients of tenant_id 3"):
        north.execute(insert(Person), rows)
    assert not any(sql.startswith("INSERT") for sql in sent)


def test_loaded_objects_are_pickled_without_their_session(north: ClinicSession) -> None:
    assert pickle.loads(pickle.dumps(north.get_one(Patient, 11))).notes == "north 11"


def test_a_many_to_one_already_loaded_asks_nothing(north: ClinicSession, sent: list[str]) -> None:
    people = north.scalars(select(Person)).all()
    assert people[0].clinic.id == NORTH
    sent.clear()
    assert {person.clinic.id for person in people} == {NORTH}
    assert sent == []


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


def test_a_sessionmaker_makes_them(engine: Engine) -> None:
    open_session = sessionmaker(engine, class_=ClinicSession)
    with open_session(tenant_id=SOUTH) as session:
        assert session.tenant_id == SOUTH
        assert session.scalars(select(Person.id).order_by(Person.id)).all() == list(THEIRS)


def test_a_plain_session_is_plain(engine: Engine) -> None:
    with Session(engine) as session:
        assert {patient.tenant_id for patient in session.scalars(select(Patient))} == {NORTH, SOUTH}
        assert session.get_one(Patient, 1001).tenant_id == SOUTH
        session.add(Patient(phone_number="1", first_name="a"))
        with pytest.raises(IntegrityError, match="tenant_id"):
            session.flush()
    assert [column.name for column in Patient.__mapper__.primary_key] == ["id"]


def test_a_plain_session_of_the_clinics_role_sees_no_row(engine: Engine) -> None:
    with Session(engine) as session:
        for _ in range(2):  # the setting is unknown to a new connection, and empty in one that had it
            session.execute(text(f"SET LOCAL ROLE {ROLE}"))
            assert session.scalars(select(Patient)).all() == []
            assert session.scalar(text("SELECT count(*) FROM tenants")) == 0
            with pytest.raises(DBAPIError, match="row-level security"):
                session.execute(insert(Patient).values(phone_number="1", first_name="a", tenant_id=NORTH))
            session.rollback()
            session.execute(text("SELECT set_config('app.tenant_id', '2', true)"))
            session.rollback()


def test_importing_listens_to_nobody() -> None:
    asks = """
from sqlalchemy import event
listened = []
listen = event.listen
def note(target, name, *rest, **how):
    listened.append((target, name))
    return listen(target, name, *rest, **how)
event.listen = event.api.listen = note
import orchestrator_service.db.models_dental, orchestrator_service.db.tenancy
from sqlalchemy import Connection, Engine, Pool
from sqlalchemy.orm import Mapper, Session
everybodys = (Connection, Engine, Mapper, Pool, Session)
print(len(listened) > 3, [name for target, name in listened if any(target is one for one in everybodys)])
"""
    asked = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.stdout.strip() == "True []", asked.stderr


def test_against_forgetting_only(open_engine: Engine) -> None:
    with AgainstForgettingOnlySession(open_engine, tenant_id=NORTH) as session:
        assert [patient.id for patient in session.scalars(select(Patient).order_by(Patient.id))] == list(OURS)
        assert session.scalars(select(Tenant.id)).all() == [NORTH]
        assert session.get(Patient, 1001) is None
        for refused in (text("SELECT 1"), select(Person.__table__), select(func.count()).select_from(text("patients"))):
            with pytest.raises(RefusedStatementError, match="ClinicSession"):
                session.execute(refused)
        with pytest.raises(RefusedStatementError):
            session.connection()
        with pytest.raises(CrossTenantError):
            session.execute(insert(Person).values(tenant_id=SOUTH, phone_number="1", first_name="a"))
        stranger = Person(id=1001)
        make_transient_to_detached(stranger)
        with pytest.raises(CrossTenantError, match="nobody knows"):
            session.add(stranger)
    with pytest.raises(NotIsolatedError), ClinicSession(open_engine, tenant_id=NORTH) as session:
        session.execute(text("SELECT 1"))
