"""Killed at fifty random moments, in three ways: what was half done is gone, no lock is left, a re-run converges."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.postgres import embedded
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.psql import APPLICATION, Run, run_file
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from steps.support.seeds import seed
from steps.support.waiting import wait_until
from tests.script.shapes import build, five, rows
from tests.script.test_many_runners import LEFT

SEED = 50
RUNNING = f"SELECT 1 FROM pg_stat_activity WHERE application_name = '{APPLICATION}'"
TERMINATE = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{APPLICATION}'"
DROP = "ALTER TABLE patients " + ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in META_ADS.columns)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server of this module's own: it is stopped in the middle of work."""
    started = embedded.start()
    yield started
    started.stop()


@pytest.fixture
def target(own_server: Server) -> Iterator[Database]:
    pool = Pool(own_server)
    database = pool.create("killed")
    seed.fill(database, 2000)
    yield database
    pool.drop(database)


def kill(server: Server, database: Database, run: Run, how: str) -> None:
    if how == "client":
        run.process.kill()
    elif how == "backend":
        rows(database, TERMINATE)
    else:
        embedded.control(Path(str(server.url.query["host"])), "--mode=immediate", "restart")
    run.process.communicate(timeout=300)


@pytest.mark.parametrize(("how", "times"), [("client", 20), ("backend", 20), ("server", 10)])
def test_killed_anywhere_it_leaves_all_or_nothing(how: str, times: int, own_server: Server, target: Database) -> None:
    chance = random.Random(SEED)
    reach = run_file(target, META_ADS.script).seconds
    left: list[bool] = []
    while len(left) < times or all(left):  # kills that all come after the end tell nothing: then sooner ones
        assert len(left) < 20 * times, "no kill came before the end"
        build(target, DROP)
        run = Run(target, META_ADS.script)
        time.sleep(chance.uniform(0, reach))  # the moment is the point
        kill(own_server, target, run, how)
        wait_until(lambda: not rows(target, RUNNING), "the end of the killed session")
        found = five(target)
        assert found in ({}, META_ADS.columns)
        left.append(bool(found))
        reach *= 0.9 if found else 1.1
        assert rows(target, LEFT) == [(0,)]
        again = run_file(target, META_ADS.script)
        assert again.succeeded, again.error()
        assert five(target) == META_ADS.columns
