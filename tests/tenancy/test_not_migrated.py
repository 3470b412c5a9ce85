"""The service on a table that lacks its columns says which migration it needs, in one line."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, String, Table, create_engine, insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from orchestrator_service.db import not_migrated
from orchestrator_service.db.base import Base
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.not_migrated import MIGRATION, NotMigratedError
from orchestrator_service.db.tenancy import (
    AgainstForgettingOnlySession,
    AllClinicsSession,
    AsyncAgainstForgettingOnlySession,
)
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.seeds import seed

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


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("no existe la columna patients.meta_ad_id\nLINE 1: acquisition_source", "meta_ad_id"),
        ('column "meta_ad_id" of relation "patients" does not exist', "meta_ad_id"),
        ("column patients_1.meta_ad_id does not exist", "meta_ad_id"),  # SQLAlchemy's alias
        ("column p.meta_ad_id does not exist", "meta_ad_id"),  # somebody's
        ("column q.meta_ad_id does not exist", "meta_ad_id"),
        ("column t.meta_ad_id does not exist", None),  # somebody's, of another table
        ("no existe la columna «meta_ad_id» en la relación «patients»", "meta_ad_id"),
        ("column tenants.meta_ad_id does not exist", None),
        ("column tenants_1.meta_ad_id does not exist", None),
        ('column "meta_ad_id" of relation "tenants" does not exist', None),
        ('column "meta_ad_id" does not exist', None),  # of which table, nobody says
        ("column patients.nothing does not exist", None),
    ],
)
def test_the_right_column_of_the_right_table_in_any_language(message: str, found: str | None) -> None:
    statement = 'SELECT * FROM tenants t, patients p, "patients" AS "q" WHERE t.meta_ad_id = p.meta_ad_id'
    column = not_migrated._named_in(message, statement)
    assert (column is not None and column.name) == (found or False)


def test_each_column_names_its_own_script() -> None:
    later = Table(
        "appointments",
        Base.metadata,
        Column("meta_ad_id", String, info={MIGRATION: "03_later.sql"}),
        extend_existing=True,
    )
    try:
        found = not_migrated._named_in("column appointments.meta_ad_id does not exist")
        assert found is not None
        assert found.info[MIGRATION] == "03_later.sql"
    finally:
        Base.metadata.remove(later)


def test_one_line_on_psycopg2(unmigrated: Database) -> None:
    engine = create_engine(unmigrated.url)
    with AgainstForgettingOnlySession(engine, tenant_id=1) as session:
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
            async with AsyncAgainstForgettingOnlySession(engine, tenant_id=1) as session:
                with pytest.raises(NotMigratedError) as read:
                    await session.scalars(select(Patient))
                assert str(read.value) == SAID
        finally:
            await engine.dispose()

    asyncio.run(work())


def test_another_missing_column_is_postgres_own_error(unmigrated: Database) -> None:
    with AllClinicsSession(create_engine(unmigrated.url)) as session, pytest.raises(ProgrammingError, match="nothing"):
        session.execute(text("SELECT nothing FROM patients"))
