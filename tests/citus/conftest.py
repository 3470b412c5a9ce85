from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator_service.db.settings import psycopg2_url
from steps.support.postgres.database import Pool
from steps.support.postgres.server import attach
from steps.support.seeds import seed
from tests.citus.cluster import Cluster, spread
from tests.script.shapes import build


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without a cluster there is nothing here to run."""
    return True if collection_path.name.startswith("test_") and not config.getoption("citus") else None


@pytest.fixture
def cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """The lived-in tables, with patients spread over the workers."""
    server = attach(psycopg2_url(pytestconfig.getoption("citus"), "--citus"))
    pool = Pool(server)
    database = pool.create("spread")
    try:
        seed.fill(database, 2000)
        with spread(database, server.url) as cluster:
            build(database, Path(__file__).with_name("distributed.sql").read_text(encoding="utf-8"))
            yield cluster
    finally:
        pool.drop_all(but=set())
        pool.close()
