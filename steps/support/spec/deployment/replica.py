"""A database that receives a continuous copy of a migration's table."""

from dataclasses import dataclass, field

from steps.support.postgres.database import Database
from steps.support.traffic.replication import Replication


@dataclass
class Replica:
    """The copy, how it is fed, the keys of the rows added meanwhile, and whether it stopped receiving."""

    database: Database
    feed: Replication
    added: list[object] = field(default_factory=list)
    stopped: bool = False
