import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator_service.db.settings import psycopg2_url
from steps.support.postgres import embedded
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, attach
from steps.support.seeds import seed

PATIENTS = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", help="URL of a running server to test on (default: an embedded one)")
    parser.addoption("--citus", help="URL of a cluster's coordinator, for tests/citus (default: none)")


# Whole runs, and scripts judged by nearly all scenarios: begun first, so that no worker is left with one at the end.
LONGEST = ("test_stock.py", "test_servers.py", "test_wrong_words.py", "a_correct_script", "test_endings.py", "vehicles")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONGEST))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failure when it happens; pytest does so at the end, which CI's time limit may not reach."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nFAILED {report.nodeid} ({report.when})", file=sys.__stderr__, flush=True)


@pytest.fixture(autouse=True)
def _signals_stay_as_they_were() -> Iterator[None]:
    """A run of behave in this process that ignored SIGTERM would have every process begun after it ignore it too."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == before, "the test left SIGTERM with another handler"


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    url = pytestconfig.getoption("postgres")
    started = attach(psycopg2_url(url, "--postgres")) if url else embedded.start()
    yield started
    started.stop()


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A folder for a run's temporary files that any account may enter, as pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="runtime-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def pool(server: Server) -> Iterator[Pool]:
    pool = Pool(server)
    yield pool
    pool.drop_all(but=set())


@pytest.fixture(scope="session")
def seeded(pool: Pool) -> Database:
    template = pool.create("template")
    seed.fill(template, PATIENTS)
    return template


@pytest.fixture
def database(pool: Pool, seeded: Database) -> Iterator[Database]:
    """A clone of the lived-in tables, with patients in them."""
    fresh = pool.clone(seeded, "one")
    yield fresh
    pool.drop(fresh)


@pytest.fixture
def empty_database(pool: Pool) -> Iterator[Database]:
    fresh = pool.create("empty")
    yield fresh
    pool.drop(fresh)
