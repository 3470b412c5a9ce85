"""A clone's evidence is its template's exactly as long as nobody can have changed the clone."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.exc import OperationalError

from steps.support.options import Options
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.psql import Run
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS, PRODUCT
from steps.support.seeds import seed
from steps.support.suite import Suite
from steps.support.world import World
from tests.background import autovacuum
from tests.running import databases

WAYS: dict[str, Callable[[Database], object]] = {
    "connect": lambda database: database.connect().close(),
    "an engine": lambda database: database.engine(),
    "the driver": lambda database: psycopg2.connect(database.driver_dsn()).close(),
    "psql": lambda database: database.libpq_url(),
    "its address": lambda database: database.url,
    "a shell command": lambda database: database.opening_command(),
}


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    suite = Suite(Options(PRODUCT.subjects[0], postgres=server.url, rows=20), PRODUCT)
    world = World(suite)
    world.begin_with(suite.seeded)
    yield world
    world.end()
    suite.close()


def test_a_clone_is_its_template_until_its_address_is_asked_for(pool: Pool, seeded: Database) -> None:
    clone = pool.clone(seeded, "still")
    assert clone.name
    assert (clone.still, seeded.still) == (seeded, None)
    pool.drop(clone)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_it_counts(way: str, pool: Pool, seeded: Database) -> None:
    clone = pool.clone(seeded, "asked")
    WAYS[way](clone)
    assert clone.still is None
    pool.drop(clone)


def test_what_nobody_touched_costs_no_copy(world: World) -> None:
    assert world.database
    world.take_evidence()
    assert world.evidence
    assert world.evidence.copy == world.suite.seeded
    assert len(world.databases) == 1


def test_a_given_that_changes_the_database_need_not_say_so(world: World) -> None:
    with world.database.connect() as connection:
        connection.exec_driver_sql("UPDATE patients SET notes = 'otra' WHERE id = 1")
    world.take_evidence()
    assert world.evidence
    assert world.evidence.copy != world.suite.seeded
    assert world.evidence.lost_content(world.database) == []


def test_nor_one_that_runs_a_script(world: World, tmp_path: Path) -> None:
    script = tmp_path / "change.sql"
    script.write_text("UPDATE patients SET notes = 'otra' WHERE id = 1")
    assert Run(world.database, script).outcome().succeeded
    world.take_evidence()
    assert world.evidence
    assert world.evidence.lost_content(world.database) == []


def test_who_may_not_end_an_autovacuum_drops_what_it_works_on(server: Server) -> None:
    with connect(server.url) as admin:
        admin.exec_driver_sql("CREATE ROLE maker LOGIN CREATEDB PASSWORD 'x'")
        pool = Pool(replace(server, url=server.url.set(username="maker", password="x")))
        database = pool.create("vacuumed")
        seed.many(database, 100_000)
        # It ends by asking the database, which is gone then, to be left alone.
        with suppress(OperationalError), autovacuum(Database(server.url.set(database=database.name)), META_ADS):
            staying = database.connect()
            pool.drop(database)
        staying.invalidate()
        pool.close()
        assert database.name not in databases(server)
        for statement in ("DROP ROLE maker", "ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()"):
            admin.exec_driver_sql(statement)
