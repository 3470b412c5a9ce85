"""Logical replication of a table from one database to another of the same server."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from steps.support.postgres.database import Database
from steps.support.postgres.server import refusal
from steps.support.waiting import wait_until

LEVEL = "SELECT current_setting('wal_level')"
# As the server reaches itself: where it runs in a container, our address of it is none of its own.
ITSELF = """
SELECT concat_ws(' ', 'port=' || current_setting('port'), 'host=' || coalesce(
  nullif(split_part(current_setting('unix_socket_directories'), ',', 1), ''), host(inet_server_addr()), 'localhost'))
"""
RECEIVED = "SELECT confirmed_flush_lsn >= CAST(:sent AS pg_lsn) FROM pg_replication_slots WHERE slot_name = :slot"
ACTIVE = "SELECT active FROM pg_replication_slots WHERE slot_name = :slot"
MAKE_SLOT = "SELECT pg_create_logical_replication_slot(:name, 'pgoutput')"
DROP_SLOT = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = :name"
WORKER = "SELECT pid FROM pg_stat_subscription WHERE subname = :name AND relid IS NULL"
RETRY_SECONDS = 30.0  # a worker that gave up is started again after wal_retrieve_retry_interval, 5 s


class NoReplicationError(RuntimeError):
    """The server, or our role, cannot replicate: in the server's words, why."""


class Replication:
    """A publication in one database and a subscription to it in another, for the rows written from now on.

    Both databases have to hold the table with the same rows. `published` is what FOR TABLE is followed by. Raises
    NoReplicationError where it cannot be had. Neither database can be dropped before it is closed.
    """

    def __init__(self, publisher: Database, subscriber: Database, published: str) -> None:
        self._publisher, self._subscriber = publisher, subscriber
        self.name = publisher.name  # of publication, slot and subscription: the server has no other of that name
        with publisher.connect() as source, subscriber.connect() as target:
            level = source.exec_driver_sql(LEVEL).scalar()
            if level != "logical":
                raise NoReplicationError(f"wal_level = {level}")
            try:
                source.exec_driver_sql(f"CREATE PUBLICATION {self.name} FOR TABLE {published}")
                # Not by CREATE SUBSCRIPTION: on one server it would wait for its own transaction.
                source.execute(text(MAKE_SLOT), {"name": self.name})
                self._subscribe(source, target)
            except DBAPIError as error:
                self.close()
                raise NoReplicationError(refusal(error)) from error

    def close(self) -> None:
        """End it, and leave neither slot nor subscription."""
        with self._subscriber.connect() as target:
            if target.scalar(text("SELECT count(*) FROM pg_subscription WHERE subname = :name"), {"name": self.name}):
                target.exec_driver_sql(f"ALTER SUBSCRIPTION {self.name} DISABLE")
                target.exec_driver_sql(f"ALTER SUBSCRIPTION {self.name} SET (slot_name = NONE)")
                target.exec_driver_sql(f"DROP SUBSCRIPTION {self.name}")
        with self._publisher.connect() as source:
            wait_until(lambda: not self._active(source), "the end of the apply worker")
            source.execute(text(DROP_SLOT), {"name": self.name})

    def wait_until_received(self) -> None:
        """Wait until the subscriber has all that was written before; raises TimeoutError when it has stopped."""
        with self._publisher.connect() as source:
            # With synchronous_commit off, what was committed may not have been written yet.
            sent = source.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar()
            asked = {"slot": self.name, "sent": sent}
            wait_until(
                lambda: bool(source.execute(text(RECEIVED), asked).scalar()), "what was written, at the subscriber"
            )

    def wait_until_stopped(self) -> None:
        """Wait until the subscriber's apply worker has given up; it tries again some seconds later."""
        with self._publisher.connect() as source:
            wait_until(lambda: not self._active(source), "the end of the apply worker", RETRY_SECONDS)

    def worker(self) -> int | None:
        """The process that applies what comes: another one, or none, once it has given up."""
        with self._subscriber.connect() as target:
            pid: int | None = target.scalar(text(WORKER), {"name": self.name})
            return pid

    def _active(self, source: Connection) -> bool:
        return bool(source.scalar(text(ACTIVE), {"slot": self.name}))

    def _subscribe(self, source: Connection, target: Connection) -> None:
        # Without a password: the server would write it to its log with a statement that fails.
        url = source.engine.url
        where = f"{source.exec_driver_sql(ITSELF).scalar()} dbname={url.database} user={url.username}"
        target.exec_driver_sql(
            f"CREATE SUBSCRIPTION {self.name} CONNECTION '{where}' PUBLICATION {self.name} "
            f"WITH (create_slot = false, slot_name = '{self.name}', copy_data = false)",
            execution_options={"no_parameters": True},
        )
        wait_until(lambda: self._active(source), "the apply worker")
