"""Two clinics by turns: in one process, on one connection, behind a PgBouncer that pools transactions."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession, CrossTenantError
from steps.support.postgres.database import Database
from tests.script.pgbouncer import pgbouncer
from tests.tenancy.clinics import LOGIN, NORTH, OURS, SOUTH, THEIRS

IDS = select(Patient.id).order_by(Patient.id)
BY_TURNS = ((NORTH, OURS), (SOUTH, THEIRS))


def test_a_dependency_of_fastapi_and_a_loop_of_celery(engine: Engine) -> None:
    of_clinic = sessionmaker(engine, class_=ClinicSession)

    def dependency(tenant_id: int) -> Iterator[Session]:
        with of_clinic(tenant_id=tenant_id) as session:
            yield session

    for clinic, wanted in BY_TURNS * 2:
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


def test_asyncpg(clinics: Database) -> None:
    async def by_turns() -> None:
        engine = create_async_engine(clinics.url.set(drivername="postgresql+asyncpg", username=LOGIN))
        open_session = async_sessionmaker(engine, class_=AsyncClinicSession, expire_on_commit=False)
        for clinic, wanted in BY_TURNS * 3:
            async with open_session(tenant_id=clinic) as session:
                assert session.tenant_id == clinic
                assert [number async for number in await session.stream_scalars(IDS)] == list(wanted)
                session.add(new := Patient(phone_number="async", first_name="Ana"))
                assert new.tenant_id == clinic
                await session.flush()
                assert len(list(await session.scalars(IDS))) == 5
        await engine.dispose()

    asyncio.run(by_turns())


def _by_turns_on_one_connection(engine: Engine) -> None:
    pids = set()
    for end in (Session.commit, Session.rollback, Session.close) * 3:
        for clinic, ids in BY_TURNS:
            with ClinicSession(engine, tenant_id=clinic) as session:
                assert session.scalars(IDS).all() == list(ids)
                end(session)
                assert session.scalars(IDS).all() == list(ids)
                pids.add(session.scalar(text("SELECT pg_backend_pid()")))
                end(session)
            with Session(engine) as session:  # of no clinic, and next on the same connection
                assert session.scalars(IDS).all() == []
    engine.dispose()
    assert len(pids) == 1


def test_a_pooled_connection(own_engine: Engine) -> None:
    _by_turns_on_one_connection(own_engine)


def test_pgbouncer(own_clinics: Database, runtime: Path) -> None:
    with pgbouncer(own_clinics.url.set(username=LOGIN), runtime, 1) as url:
        _by_turns_on_one_connection(create_engine(url, poolclass=NullPool))  # each session is a client of its own
