"""The service on a table that lacks its columns says which migration it needs, in one line."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from orchestrator_service.db import not_migrated
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.not_migrated import NotMigratedError
from orchestrator_service.db.tenancy import AllClinicsSession, AsyncClinicSession, ClinicSession
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.pool import Pool
from steps.support.spec.seeds import seed

SAID = (
    "patients.acquisition_source is not there yet: this database lacks the migration 01_meta_ads_columns.sql. "
    "Run migrations/01_meta_ads_columns.sql or alembic upgrade head."
)


@pytest.fixture(scope="module")
def unmigrated(pool: Pool) -> Iterator[Database]:
    database = pool.create("unmigrated")
    seed.fill(database, 10)
    yield database
    pool.drop(database)


def test_the_column_is_found_whatever_language_the_server_speaks() -> None:
    found = not_migrated._named_in("no existe la columna patients.meta_ad_id\nLINE 1: acquisition_source")
    assert found is not None
    assert found.name == "meta_ad_id"


def test_one_line_on_psycopg2(unmigrated: Database) -> None:
    engine = create_engine(unmigrated.url)
    with ClinicSession(engine, tenant_id=1) as session:
        with pytest.raises(NotMigratedError) as read:
            session.scalars(select(Patient)).all()
        session.rollback()
        with pytest.raises(NotMigratedError) as written:
            session.execute(insert(Patient).values(phone_number="1", first_name="Secreta", acquisition_source="X"))
    assert str(read.value) == str(written.value) == SAID
    assert "Secreta" not in str(written.value.__cause__)
    engine.dispose()


def test_one_line_on_asyncpg(unmigrated: Database) -> None:
    async def work() -> None:
        engine = create_async_engine(unmigrated.url.set(drivername="postgresql+asyncpg"))
        try:
            async with AsyncClinicSession(engine, tenant_id=1) as session:
                with pytest.raises(NotMigratedError) as read:
                    await session.scalars(select(Patient))
                assert str(read.value) == SAID
        finally:
            await engine.dispose()

    asyncio.run(work())


def test_another_missing_column_is_postgres_own_error(unmigrated: Database) -> None:
    with AllClinicsSession(create_engine(unmigrated.url)) as session, pytest.raises(ProgrammingError, match="nothing"):
        session.execute(text("SELECT nothing FROM patients"))
