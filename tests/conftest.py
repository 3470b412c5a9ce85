import os
from collections.abc import Iterator

import pytest

from orchestrator_service.db.settings import psycopg2_url
from steps.support.databases.database import Database
from steps.support.databases.pool import Pool
from steps.support.seeds import plant
from steps.support.servers import embedded, running
from steps.support.servers.server import Server

PATIENTS = 60


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The embedded server, or the running one TEST_POSTGRES names: the same tests on another version."""
    running_at = os.environ.get("TEST_POSTGRES")
    started = running.attach(psycopg2_url(running_at, "TEST_POSTGRES")) if running_at else embedded.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def pool(server: Server) -> Iterator[Pool]:
    pool = Pool(server)
    yield pool
    pool.drop_all(but=set())


@pytest.fixture(scope="session")
def lived_in(pool: Pool) -> Database:
    template = pool.create("template")
    plant.lived_in(template, PATIENTS)
    return template


@pytest.fixture
def database(pool: Pool, lived_in: Database) -> Iterator[Database]:
    """A clone of the lived-in tables, with patients in them."""
    fresh = pool.clone(lived_in, "one")
    yield fresh
    pool.drop(fresh)


@pytest.fixture
def empty_database(pool: Pool) -> Iterator[Database]:
    fresh = pool.create("empty")
    yield fresh
    pool.drop(fresh)
