"""What a clinic's backend does all day works: each use alone, and the workflows around them."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, create_engine, select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession, CrossTenantError
from steps.support.postgres.database import Database
from tests.tenancy.clinics import LOGIN, NORTH, OURS, SOUTH, THEIRS, Person
from tests.tenancy.ordinary import ORDINARY, asked

IDS = select(Patient.id).order_by(Patient.id)


class Referred(Person):
    """A marked model's child, in a table of its own."""

    __tablename__ = "referred"

    id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    referred_by: Mapped[str]


# A lateral join by its nature has no condition.
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("name", ORDINARY)
def test_it_works(engine: Engine, name: str) -> None:
    ask, answer = ORDINARY[name]
    with ClinicSession(engine, tenant_id=NORTH) as session:
        found = asked(session, ask)
        assert answer(found) if callable(answer) else found == answer


def test_a_dependency_of_fastapi_and_a_loop_of_celery(engine: Engine) -> None:
    of_clinic = sessionmaker(engine, class_=ClinicSession)

    def dependency(tenant_id: int) -> Iterator[Session]:
        with of_clinic(tenant_id=tenant_id) as session:
            yield session

    for clinic, wanted in ((NORTH, OURS), (SOUTH, THEIRS)) * 2:
        assert [list(session.scalars(IDS)) for session in dependency(clinic)] == [list(wanted)]
        with of_clinic(tenant_id=clinic) as session, session.begin():
            assert list(session.scalars(IDS)) == list(wanted)


def test_the_rollback_fixture_of_sqlalchemys_docs_with_two_clinics(engine: Engine) -> None:
    with engine.connect() as connection:
        outer = connection.begin()
        bound: dict[str, Any] = {"bind": connection, "join_transaction_mode": "create_savepoint"}
        for clinic in (NORTH, SOUTH, NORTH):
            with ClinicSession(**bound, tenant_id=clinic) as session:
                session.add(Patient(phone_number=f"f{clinic}", first_name="Fixture", notes="x"))
                session.rollback()
                session.add(Patient(phone_number=f"g{clinic}{session.scalar(IDS)}", first_name="Fixture"))
                session.commit() if clinic == SOUTH else session.rollback()
                assert session.scalar(select(Patient.tenant_id)) == clinic
        with ClinicSession(**bound, tenant_id=NORTH) as north, ClinicSession(**bound, tenant_id=SOUTH) as south:
            assert north.scalar(IDS) == OURS[0]
            with pytest.raises(CrossTenantError, match="works for clinic 2: end that before clinic 3"):
                south.scalar(IDS)
        outer.rollback()


def test_joined_table_inheritance_of_a_marked_model(own_clinics: Database) -> None:
    with own_clinics.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE referred (id int PRIMARY KEY REFERENCES patients, referred_by text)")
        admin.exec_driver_sql("GRANT ALL ON referred TO orchestrator_tenant")
    engine = create_engine(own_clinics.url.set(username=LOGIN))
    with ClinicSession(engine, tenant_id=NORTH) as session:
        session.add(Referred(phone_number="r", first_name="Rita", referred_by="Ana"))
        session.commit()
        assert session.scalars(select(Referred)).one().tenant_id == NORTH
    engine.dispose()


def test_an_isolation_level_is_the_connections(engine: Engine) -> None:
    with ClinicSession(engine, tenant_id=NORTH) as session:
        session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        assert session.scalar(text("SHOW transaction_isolation")) == "serializable"
        assert list(session.scalars(IDS)) == list(OURS)


def test_asyncpg(clinics: Database) -> None:
    asyncio.run(_by_turns(clinics))


async def _by_turns(clinics: Database) -> None:
    engine = create_async_engine(clinics.url.set(drivername="postgresql+asyncpg", username=LOGIN))
    open_session = async_sessionmaker(engine, class_=AsyncClinicSession, expire_on_commit=False)
    for clinic, wanted in ((NORTH, OURS), (SOUTH, THEIRS)) * 3:
        async with open_session(tenant_id=clinic) as session:
            assert session.tenant_id == clinic
            assert [number async for number in await session.stream_scalars(IDS)] == list(wanted)
            session.add(new := Patient(phone_number="async", first_name="Ana"))
            assert new.tenant_id == clinic
            await session.flush()
            assert len(list(await session.scalars(IDS))) == 5
    await engine.dispose()
