"""A scenario's database is a clone of a template, and what a Given changes in it is in the evidence."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from steps.support.options import Options
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS, PRODUCT
from steps.support.suite import Suite
from steps.support.world import World
from tests.background import autovacuum, many
from tests.running import databases


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    suite = Suite(Options(META_ADS, postgres=server.url, rows=20), PRODUCT)
    world = World(suite)
    world.begin_with(suite.seeded)
    yield world
    world.end()
    suite.close()


def test_an_untouched_clone_has_its_templates_evidence(world: World) -> None:
    world.take_evidence()
    assert world.evidence.copy == world.suite.seeded
    assert world.evidence.lost_content(world.database) == []


def test_what_a_given_changes_is_in_the_evidence(world: World) -> None:
    world.change("UPDATE patients SET notes = 'otra' WHERE id = 1")
    world.take_evidence()
    assert world.evidence.copy != world.suite.seeded
    assert world.evidence.lost_content(world.database) == []


def test_a_change_that_does_not_say_so_is_taken_for_a_loss(world: World) -> None:
    with world.database.connect() as connection:
        connection.exec_driver_sql("UPDATE patients SET notes = 'otra' WHERE id = 1")
    world.take_evidence()
    assert world.evidence.lost_content(world.database)


def test_a_database_is_dropped_beside_an_autovacuum_one_may_not_end(server: Server) -> None:
    with connect(server.url) as admin:
        admin.exec_driver_sql("CREATE ROLE maker LOGIN CREATEDB PASSWORD 'x'")
        pool = Pool(replace(server, url=server.url.set(username="maker", password="x")))
        database = pool.create("vacuumed")
        many(database, 100_000)
        # It ends by asking the database, which is gone then, to be left alone.
        with suppress(OperationalError), autovacuum(Database(server.url.set(database=database.name)), META_ADS):
            staying = database.connect()
            pool.drop(database)
        staying.invalidate()
        pool.close()
        assert database.name not in databases(server)
        for statement in ("DROP ROLE maker", "ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()"):
            admin.exec_driver_sql(statement)
