"""A database of many machines: one of its name on every worker of a Citus cluster, with the shards of its tables."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import URL

from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.subject import Subject
from tests.script.shapes import build, rows

NODES = """
SELECT groupid, nodename, nodeport FROM pg_dist_node WHERE isactive AND noderole = 'primary' ORDER BY groupid, nodeport
"""
SHARD = """
SELECT shard_name, nodename, nodeport FROM citus_shards
 WHERE shardid = get_shard_id_for_distribution_column('patients', 1)
"""
COLUMNS = f"""
SELECT count(*) FROM pg_attribute
 WHERE attrelid = '%s'::regclass AND NOT attisdropped AND attname = ANY ('{{{", ".join(META_ADS.columns)}}}')
"""


@dataclass(frozen=True)
class Cluster:
    """The coordinator's database and those of the workers."""

    database: Database
    workers: list[Database]

    def holder(self, where: str) -> tuple[Database, Subject]:
        """Through which database, and of which table, a session is to hold it: all of it, or the shard of clinic 1."""
        if where != "shard":
            return self.database if where == "coordinator" else self.workers[0], META_ADS
        [(name, host, port)] = rows(self.database, SHARD)
        [worker] = [one for one in self.workers if (one.url.host, one.url.port) == (host, port)]
        return worker, replace(META_ADS, table=name)

    def columns(self) -> set[int]:
        """How many of the five the table and its shards have; one number where all agree."""
        shards = rows(self.database, f"SELECT result FROM run_command_on_shards('patients', $${COLUMNS}$$)")
        return {int(count) for (count,) in [*shards, *rows(self.database, COLUMNS % "patients")]}


@contextmanager
def spread(database: Database, server: URL) -> Iterator[Cluster]:
    """Make Citus of `database` on the machines that the database of `server` knows as its cluster."""
    places = rows(Database(server), NODES)
    workers = [Database(database.url.set(host=host, port=port)) for group, host, port in places if group]
    assert len(workers) > 1, "a cluster with two workers is needed: their shards are what is tested"
    with ExitStack() as dropping:
        for worker in workers:
            admin = Database(worker.url.set(database=server.database))
            build(admin, f"CREATE DATABASE {database.name}")
            dropping.callback(build, admin, f"DROP DATABASE {database.name} WITH (FORCE)")
        for one in (*workers, database):
            build(one, "CREATE EXTENSION citus")
        for group, host, port in places:
            build(database, f"SELECT {'citus_add_node' if group else 'citus_set_coordinator_host'}('{host}', {port})")
        yield Cluster(database, workers)
