"""The same rules on SQLAlchemy's AsyncSession with asyncpg."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import assert_type

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import URL, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import (
    AsyncAllClinicsSession,
    AsyncClinicSession,
    CrossTenantError,
    NotIsolatedError,
    RefusedStatementError,
    UnknownClinicError,
)
from steps.support.postgres.database import Database
from tests.tenancy.models import Person
from tests.tenancy.property import Example, examples, judged
from tests.tenancy.two_clinics import NORTH, OURS, SOUTH, THEIRS, UNKNOWN

pytest.importorskip("asyncpg")
COUNT = 400


def run(clinics: Database, work: Callable[[AsyncEngine], Awaitable[None]]) -> None:
    """Do some work with an asyncpg engine that ends with it."""

    async def whole() -> None:
        url: URL = clinics.url.set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url)
        try:
            await work(engine)
        finally:
            await engine.dispose()

    asyncio.run(whole())


def test_a_clinic_reads_and_writes_its_own(clinics: Database) -> None:
    async def work(engine: AsyncEngine) -> None:
        open_session = async_sessionmaker(engine, class_=AsyncClinicSession)
        async with open_session(tenant_id=NORTH) as session:
            patients = list(await session.scalars(select(Patient).order_by(Patient.id)))
            assert_type(patients, list[Patient])
            assert [patient.id for patient in patients] == list(OURS)
            assert await session.get(Person, 1001) is None
            assert (await session.get_one(Person, 11)).tenant_id == NORTH
            session.add(Patient(phone_number="1", first_name="a", meta_ad_id="120208466731130123"))
            await session.flush()
            streamed = await session.stream_scalars(select(Patient.tenant_id).execution_options(yield_per=2))
            assert {tenant async for tenant in streamed} == {NORTH}

    run(clinics, work)


def test_what_is_refused_is_refused(clinics: Database) -> None:
    async def work(engine: AsyncEngine) -> None:
        async with AsyncClinicSession(engine, tenant_id=NORTH) as session:
            session.add(person := Person(phone_number="1", first_name="a"))
            person.tenant_id = SOUTH
            with pytest.raises(CrossTenantError):
                await session.commit()
        async with AsyncClinicSession(engine, tenant_id=UNKNOWN) as session:
            with pytest.raises(UnknownClinicError):
                await session.scalars(select(Patient))
        async with AsyncClinicSession(engine, tenant_id=NORTH, role="nobody_s") as session:
            for _ in range(2):
                with pytest.raises(NotIsolatedError, match="nobody_s"):
                    await session.execute(text("SELECT * FROM patients"))
                await session.rollback()
        async with AsyncClinicSession(engine, tenant_id=NORTH) as session:
            await session.execute(text("COMMIT"))
            with pytest.raises(RefusedStatementError):
                await session.execute(text("SELECT * FROM patients"))
        autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with AsyncClinicSession(autocommit, tenant_id=NORTH) as session:
            with pytest.raises(NotIsolatedError, match="AUTOCOMMIT"):
                await session.execute(text("SELECT * FROM patients"))

    run(clinics, work)


def test_prepared_statements_of_one_connection_serve_two_clinics_by_turns(clinics: Database) -> None:
    async def whole() -> None:
        engine = create_async_engine(clinics.url.set(drivername="postgresql+asyncpg"), pool_size=1, max_overflow=0)
        ids = text("SELECT id FROM patients ORDER BY id")
        counted = "SELECT count(*) FROM patients"
        try:
            for _ in range(8):  # after five of them Postgres may keep one plan for all
                for clinic, expected in ((NORTH, OURS), (SOUTH, THEIRS)):
                    async with AsyncClinicSession(engine, tenant_id=clinic) as session:
                        assert (await session.scalars(ids)).all() == list(expected)
                        found = await session.scalars(select(Patient.id).order_by(Patient.id))
                        assert found.all() == list(expected)
                        raw = await (await session.connection()).get_raw_connection()
                        assert await raw.driver_connection.fetchval(counted) == 4  # type: ignore[union-attr]
                async with AsyncSession(engine) as session:
                    assert len((await session.scalars(ids)).all()) == 8
        finally:
            await engine.dispose()

    asyncio.run(whole())


def test_all_clinics(clinics: Database) -> None:
    async def work(engine: AsyncEngine) -> None:
        async with AsyncAllClinicsSession(engine) as session:
            assert set(await session.scalars(select(Patient.tenant_id))) == {NORTH, SOUTH}

    run(clinics, work)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_property_holds_on_asyncpg(clinics: Database) -> None:
    outcomes: Counter[str] = Counter()

    async def work(engine: AsyncEngine) -> None:
        for example in _generated(engine):
            async with AsyncClinicSession(engine, tenant_id=NORTH, expire_on_commit=False) as session:
                problem = await session.run_sync(lambda sync, one=example: judged(one, sync, outcomes))  # type: ignore[misc]
            assert not problem, f"{example.kind}: {problem}"

    run(clinics, work)
    print(f"\n{outcomes.total()} examples on asyncpg: {dict(sorted(outcomes.items()))}")
    assert sum(count for kind, count in outcomes.items() if kind.endswith("answered")) >= COUNT / 10


def _generated(engine: AsyncEngine) -> list[Example]:
    """Examples by the same generator, drawn first: hypothesis does not run in an event loop."""
    made: list[Example] = []

    @settings(
        max_examples=COUNT, derandomize=True, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(examples(engine.sync_engine))
    def collect(example: Example) -> None:
        made.append(example)

    collect()
    return made
