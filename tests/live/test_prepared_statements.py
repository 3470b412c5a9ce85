"""What prepared statements survive: columns that are added, where the list is explicit. What they do not: 0A000."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import psycopg2
import pytest
from psycopg2.errorcodes import FEATURE_NOT_SUPPORTED
from sqlalchemy import select, text
from sqlalchemy.exc import NotSupportedError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS
from steps.support.spec.deployment.old_service import CLINIC, OldPatient
from steps.support.traffic.prepared_statements import DRIVERS, Session, execute, installed, prepared
from tests.live.shapes import build, rows

STAR = {
    "SELECT *": "SELECT * FROM patients LIMIT 1",
    "RETURNING *": "UPDATE patients SET tenant_id = tenant_id WHERE id = 1 RETURNING *",
}
TEXT = "ALTER TABLE patients ADD acquisition_source text"
# What the migration mends without touching a type: lists that read the column go on.
MENDED = {
    "another default": "ALTER TABLE patients ADD acquisition_source varchar DEFAULT 'WEB'",
    "NOT NULL": "ALTER TABLE patients ADD acquisition_source varchar NOT NULL DEFAULT 'ORGANIC'",
}
READS = "SELECT id, acquisition_source FROM patients LIMIT 1"
WRITES = "UPDATE patients SET acquisition_source = 'REFERRAL' WHERE id = 1 RETURNING id"


def migrate(database: Database) -> None:
    outcome = run_file(database, META_ADS.script)
    assert outcome.succeeded, outcome.error()


@contextmanager
def preparing(driver: str, database: Database, statements: Mapping[str, str]) -> Iterator[Session]:
    """A session of the driver that has prepared the statements, and run each once."""
    if not installed(driver):
        pytest.skip(f"{driver} is not installed")
    with closing(DRIVERS[driver](database, statements)) as session:
        assert [session.run(name) for name in statements] == [""] * len(statements)
        yield session


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("star", STAR)
def test_a_star_fails_by_its_sqlstate(star: str, driver: str, database: Database) -> None:
    with preparing(driver, database, {"star": STAR[star]}) as session:
        migrate(database)
        assert session.run("star").startswith(FEATURE_NOT_SUPPORTED)
        # asyncpg forgets what it prepared when it gets this error; by PREPARE it stays until DEALLOCATE.
        assert bool(session.run("star")) == (driver == "psycopg2")
    with preparing(driver, database, {"star": STAR[star]}):
        pass  # a new connection works


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_retype_fails_what_reads_the_column_and_nothing_else(driver: str, database: Database) -> None:
    build(database, TEXT)
    with preparing(driver, database, {"reads": READS, "writes": WRITES}) as session:
        migrate(database)
        assert session.run("reads").startswith(FEATURE_NOT_SUPPORTED)
        assert session.run("writes") == ""


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("drift", MENDED)
def test_what_is_mended_without_a_retype_fails_nobody(drift: str, driver: str, database: Database) -> None:
    build(database, MENDED[drift])
    with preparing(driver, database, {"reads": READS, "writes": WRITES}) as session:
        migrate(database)
        assert [session.run("reads"), session.run("writes")] == ["", ""]


def test_within_a_transaction_all_of_it_is_lost(database: Database) -> None:
    with closing(prepared(database, {"star": STAR["SELECT *"]})) as connection, connection.cursor() as cursor:
        migrate(database)
        cursor.execute("UPDATE patients SET notes = 'of this transaction' WHERE id = 1")
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match="cached plan must not change result type"):
            execute(cursor, "star")
        with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
            cursor.execute("SELECT 1")
        connection.commit()
    assert rows(database, "SELECT count(*) FROM patients WHERE notes = 'of this transaction'") == [(0,)]


def test_yesterdays_model_goes_on_by_sqlalchemy_and_asyncpg(database: Database) -> None:
    """The ORM names every column it maps, so a service of yesterday needs no restart."""
    pytest.importorskip("asyncpg")
    engine = create_async_engine(database.url.set(drivername="postgresql+asyncpg"), pool_size=1, max_overflow=0)

    async def work() -> None:
        async with AsyncSession(engine) as session:
            assert (await session.scalars(select(OldPatient).where(OldPatient.tenant_id == CLINIC))).first()
            session.add(OldPatient(tenant_id=CLINIC, phone_number="+1", first_name="De ayer"))
            await session.flush()
            await session.rollback()

    async def through() -> None:
        try:
            await work()
            await asyncio.to_thread(migrate, database)
            await work()
        finally:
            await engine.dispose()

    asyncio.run(through())


def test_a_star_by_sqlalchemy_and_asyncpg_fails_once_an_engine(database: Database) -> None:
    pytest.importorskip("asyncpg")
    engine = create_async_engine(database.url.set(drivername="postgresql+asyncpg"), pool_size=2, max_overflow=0)

    async def star(connection: AsyncConnection) -> None:
        await connection.execute(text(STAR["SELECT *"]))

    async def through() -> None:
        try:
            async with engine.connect() as one, engine.connect() as other:
                await star(one)
                await star(other)
            await asyncio.to_thread(migrate, database)
            async with engine.connect() as one, engine.connect() as other:
                with pytest.raises(NotSupportedError) as failed:
                    await star(one)
                assert type(failed.value.orig).__name__ == "InvalidCachedStatementError"
                assert getattr(failed.value.orig, "sqlstate", None) is None, "the docs say it has none"
                await star(other)
        finally:
            await engine.dispose()

    asyncio.run(through())
