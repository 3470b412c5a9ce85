"""Two clinics after 02_tenant_isolation.sql, the clinics' login and administration's."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from steps.support.postgres import psql
from steps.support.postgres.database import Database, Pool
from steps.support.product import META_ADS
from tests.tenancy.clinics import APPOINTMENTS, LOGIN, PLANT, ROLE, SCRIPT


@pytest.fixture(scope="session")
def open_template(pool: Pool, seeded: Database) -> Database:
    """The two clinics on migrated tables without row security."""
    template = pool.clone(seeded, "two_clinics_open")
    assert psql.run_file(template, META_ADS.script).succeeded
    with template.connect() as admin:
        admin.exec_driver_sql(PLANT)
        admin.exec_driver_sql("DROP POLICY patients_of_one_clinic ON patients")
        admin.exec_driver_sql("ALTER TABLE patients DISABLE ROW LEVEL SECURITY")
    return template


@pytest.fixture(scope="package")  # its login is the server's, and 02's way back asks for the role's members
def isolated_template(pool: Pool, open_template: Database) -> Iterator[Database]:
    """02 alone keeps them apart; one login has nothing but the role."""
    template = pool.clone(open_template, "two_clinics")
    outcome = psql.run_file(template, SCRIPT)
    assert outcome.succeeded, outcome
    with template.connect() as admin:
        admin.exec_driver_sql(APPOINTMENTS)
        admin.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {LOGIN}; CREATE ROLE {LOGIN} LOGIN; GRANT {ROLE} TO {LOGIN}")
    yield template
    with template.connect() as admin:
        admin.exec_driver_sql(f"DROP ROLE {LOGIN}")


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


@pytest.fixture
def own_engine(own_clinics: Database) -> Iterator[Engine]:
    """The clinics' login in that database, on one connection."""
    engine = create_engine(own_clinics.url.set(username=LOGIN), pool_size=1, max_overflow=0)
    yield engine
    engine.dispose()


@pytest.fixture
def lived(pool: Pool, open_template: Database) -> Iterator[Database]:
    """The two clinics before 02."""
    database = pool.clone(open_template, "lived")
    yield database
    pool.drop(database)


@pytest.fixture(scope="module")
def engine(clinics: Database) -> Iterator[Engine]:
    """The clinics' login."""
    engine = create_engine(clinics.url.set(username=LOGIN))
    yield engine
    engine.dispose()
