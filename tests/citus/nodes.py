"""A database of many machines: one of its name on every worker of a Citus cluster, with the shards of its tables."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import URL

from steps.support.postgres.database import Database
from steps.support.postgres.server import connect

KNOWS_WORKERS = "SELECT to_regclass('pg_catalog.pg_dist_node') IS NOT NULL"
NODES = """
SELECT groupid, nodename, nodeport FROM pg_dist_node WHERE isactive AND noderole = 'primary' ORDER BY groupid, nodeport
"""


@contextmanager
def spread(database: Database, server: URL) -> Iterator[list[Database]]:
    """Make Citus of `database` on the machines the database of `server` knows as its cluster; yields the workers' own.

    Where that knows none, all shards stay where `database` is.
    """
    with connect(server) as admin:
        known = admin.exec_driver_sql(KNOWS_WORKERS).scalar() and admin.exec_driver_sql(NODES).all()
    places = [(group, host, port) for group, host, port in known or []]
    workers = [Database(database.url.set(host=host, port=port)) for group, host, port in places if group]
    with ExitStack() as dropping:
        for worker in workers:
            admin_url = worker.url.set(database=server.database)
            with connect(admin_url) as admin:
                admin.exec_driver_sql(f"CREATE DATABASE {database.name}")
            dropping.callback(_drop, admin_url, database.name)
        for one in (*workers, database):
            with one.connect() as connection:
                connection.exec_driver_sql("CREATE EXTENSION citus")
        with database.connect() as connection:
            for group, host, port in places:
                add = (
                    "citus_add_node(%(host)s, %(port)s)" if group else "citus_set_coordinator_host(%(host)s, %(port)s)"
                )
                connection.exec_driver_sql(f"SELECT {add}", {"host": host, "port": port})
        yield workers


def _drop(admin_url: URL, name: str) -> None:
    with connect(admin_url) as admin:
        admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def on_shards(database: Database, table: str, query: str) -> dict[int, str]:
    """What a query of one text says on each shard of a table, by the shard's number; %s in it is the shard's name."""
    with database.connect() as connection:
        answers = connection.exec_driver_sql(
            "SELECT shardid, success, result FROM run_command_on_shards(%(table)s, %(query)s)",
            {"table": table, "query": query},
        ).all()
    assert all(success for _, success, _ in answers), answers
    return {shard: str(result) for shard, _, result in answers}
