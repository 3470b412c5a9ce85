"""Two clinics in a database, with an engine on it and nothing remembered of earlier tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from orchestrator_service.db.tenancy import wall
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.pool import Pool
from tests.tenancy import two_clinics


@pytest.fixture(scope="session")
def two_clinics_template(pool: Pool, migrated_template: Database) -> Database:
    template = pool.clone(migrated_template, "two_clinics")
    two_clinics.plant(template)
    return template


@pytest.fixture(scope="module")
def clinics(pool: Pool, two_clinics_template: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The two clinics, for tests that take back what they do."""
    database = pool.clone(two_clinics_template, f"clinics_{request.module.__name__.rpartition('.')[2]}")
    yield database
    pool.drop(database)


@pytest.fixture(scope="module")
def engine(clinics: Database) -> Iterator[Engine]:
    engine = create_engine(clinics.url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    """A test that removes a guard must not leave its readings behind, nor find others'."""
    wall.forget_readings()
    yield
    wall.forget_readings()
