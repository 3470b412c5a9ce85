from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steps.support.options import Options
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.product import META_ADS, PRODUCT
from steps.support.rehearsal.verdict import Rehearsed
from steps.support.suite import Suite
from tests.rehearsal.small import TABLES, text
from tests.rehearsal.snapshots import dump, product

PATIENTS = 300
Rehearse = Callable[..., Rehearsed]


@pytest.fixture(scope="module")
def source(server: Server) -> Iterator[Database]:
    """A product's database."""
    with product(server, PATIENTS) as database:
        yield database


@pytest.fixture(scope="module")
def dumped(source: Database, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A dump of it in the format a name says."""
    folder = tmp_path_factory.mktemp("dumps")
    return lambda name: dump(source, folder, name)


@pytest.fixture
def rehearse(server: Server, tmp_path: Path) -> Iterator[Rehearse]:
    """Rehearses a dump, given or small with more at its end, with the script as shipped or another."""
    suites = []

    def run(more: str = "", script: str = "", head: str = "", on: Server = server) -> Rehearsed:
        path, candidate = tmp_path / "dump.sql", tmp_path / "script.sql"
        path.write_text(text(more, head + TABLES))
        candidate.write_text(script)
        given = candidate if script else None
        suite = Suite(Options(META_ADS, postgres=on.url, snapshot=path, candidate=given), PRODUCT)
        suites.append(suite)
        suite.rehearse()
        assert suite.rehearsed
        return suite.rehearsed

    yield run
    for suite in suites:
        suite.close()
