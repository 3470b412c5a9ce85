"""What every test may ask for: one server for the session, and a database of its own for each test."""

from collections.abc import Iterator
from itertools import count

import pytest

from steps.support import psql
from steps.support.databases.database import Database
from steps.support.databases.pool import Pool
from steps.support.options import SCRIPT
from steps.support.seeds import plant
from steps.support.servers import embedded
from steps.support.servers.server import Server

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = embedded.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def pool(server: Server) -> Iterator[Pool]:
    pool = Pool(server)
    yield pool
    pool.drop_all(but=set())


@pytest.fixture(scope="session")
def migrated_template(pool: Pool) -> Database:
    """The lived-in tables after the migration; clone it, never change it."""
    template = pool.create("migrated_template")
    plant.lived_in(template, 40)
    assert psql.run_file(template, SCRIPT).succeeded
    return template


@pytest.fixture
def migrated(pool: Pool, migrated_template: Database) -> Iterator[Database]:
    """A migrated database of the test's own, with five clinics and forty patients."""
    database = pool.clone(migrated_template, f"test_{next(_numbers):04d}")
    yield database
    pool.drop(database)
