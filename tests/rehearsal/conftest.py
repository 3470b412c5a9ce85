from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from tests.rehearsal.snapshots import dump, product

PATIENTS = 300


@pytest.fixture(scope="module")
def source(server: Server) -> Iterator[Database]:
    """A product's database, as somebody has it."""
    with product(server, PATIENTS) as database:
        yield database


@pytest.fixture(scope="module")
def dumped(source: Database, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A dump of it in the format a name says."""
    folder = tmp_path_factory.mktemp("dumps")
    return lambda name: dump(source, folder, name)
