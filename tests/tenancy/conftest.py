"""Two clinics in a database that keeps them apart, another that does not, and engines on both."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from tests.tenancy import two_clinics
from tests.tenancy.isolation import APPOINTMENTS, SCRIPT


@pytest.fixture(scope="session")
def open_template(pool: Pool, migrated_template: Database) -> Database:
    """The two clinics where nothing but criteria keeps them apart."""
    template = pool.clone(migrated_template, "two_clinics_open")
    two_clinics.plant(template)
    return template


@pytest.fixture(scope="session")
def isolated_template(pool: Pool, open_template: Database) -> Database:
    """The two clinics after 02_tenant_isolation.sql, on tables that had no row security: it alone keeps them apart."""
    template = pool.clone(open_template, "two_clinics")
    with template.connect() as connection:
        connection.execute(text("DROP POLICY patients_of_one_clinic ON patients"))
        connection.execute(text("ALTER TABLE patients DISABLE ROW LEVEL SECURITY"))
    outcome = psql.run_file(template, SCRIPT)
    assert outcome.succeeded, outcome
    with template.connect() as connection:
        connection.execute(text(APPOINTMENTS))
    return template


@pytest.fixture(scope="module")
def clinics(pool: Pool, isolated_template: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The two clinics, for tests that take back what they do."""
    database = pool.clone(isolated_template, f"clinics_{request.module.__name__.rpartition('.')[2]}")
    yield database
    pool.drop(database)


@pytest.fixture
def own_clinics(pool: Pool, isolated_template: Database) -> Iterator[Database]:
    """The two clinics in a database of the test's own."""
    database = pool.clone(isolated_template, "own_clinics")
    yield database
    pool.drop(database)


@pytest.fixture(scope="module")
def open_clinics(pool: Pool, open_template: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    database = pool.clone(open_template, f"open_{request.module.__name__.rpartition('.')[2]}")
    yield database
    pool.drop(database)


@pytest.fixture(scope="module")
def engine(clinics: Database) -> Iterator[Engine]:
    engine = create_engine(clinics.url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def open_engine(open_clinics: Database) -> Iterator[Engine]:
    """An engine on a database where Postgres keeps nothing."""
    engine = create_engine(open_clinics.url)
    yield engine
    engine.dispose()
