"""A table spread over machines, and where its shards are."""

from dataclasses import dataclass, replace

from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.subject import Subject
from tests.citus import nodes
from tests.script.shapes import rows

COLUMNS = (
    "SELECT count(*) FROM pg_attribute WHERE attrelid = '%s'::regclass AND NOT attisdropped AND attname IN ("
    + ", ".join(f"'{name}'" for name in META_ADS.columns)
    + ")"
)


@dataclass(frozen=True)
class Cluster:
    """The coordinator's database and those of the workers."""

    database: Database
    workers: list[Database]

    def shard(self) -> tuple[Database, Subject]:
        """The shard with clinic 1, as a subject of its own, and the worker it is on."""
        [(name, host, port)] = rows(
            self.database,
            "SELECT shard_name, nodename, nodeport FROM citus_shards "
            "WHERE shardid = get_shard_id_for_distribution_column('patients', 1)",
        )
        [worker] = [one for one in self.workers if (one.url.host, one.url.port) == (host, port)]
        return worker, replace(META_ADS, table=name)

    def node(self, database: Database) -> int:
        """The number by which the cluster knows the machine one of its databases is on."""
        url = database.url
        its = "groupid = 0" if database == self.database else f"(nodename, nodeport) = ('{url.host}', {url.port})"
        return int(rows(self.database, f"SELECT nodeid FROM pg_dist_node WHERE {its}")[0][0])

    def columns(self) -> set[int]:
        """How many of the five the table and its shards have; one number where all agree."""
        whole = rows(self.database, COLUMNS % "patients")
        return {int(whole[0][0])} | {int(n) for n in nodes.on_shards(self.database, "patients", COLUMNS).values()}
