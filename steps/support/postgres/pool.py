"""Creates, clones and drops databases under a prefix of this run's own, and touches no other."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from psycopg2.errorcodes import INSUFFICIENT_PRIVILEGE
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from steps.support.postgres.database import Database
from steps.support.postgres.guest import Guest
from steps.support.postgres.server import Server, connect
from steps.support.waiting import wait_until

RECOVERY_SECONDS = 10.0
TOGETHER = 20  # databases that wait for each other to be dropped: some 200 MB of copies
DROPPERS = 10  # connections that drop at the same time
CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (starts_with(datname, %(prefix)s) OR strpos(query, %(prefix)s) > 0)
"""
OURS_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = %(name)s AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE')
"""
# What keeps a database from being dropped: a transaction prepared in it, and that its own code calls it a template.
HELD = text("""
SELECT EXISTS (SELECT FROM pg_prepared_xacts WHERE database = datname), datistemplate
FROM pg_database WHERE datname = :name
""")


class Pool:
    """The databases of one run on one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._prefix = f"acceptance_{secrets.token_hex(4)}_"
        self._made: dict[str, Database] = {}  # by name: several threads forget at once, and a list may lose another
        self._guest: Guest | None = None
        self.together = 1 if server.throwaway else TOGETHER  # databases to drop at a time, if there is room
        # One connection for all that is created and dropped, and one more for what is dropped beside it; taken again
        # should the server have been crashed.
        self._admin = create_engine(
            server.url, pool_size=2, pool_pre_ping=True, isolation_level="AUTOCOMMIT", use_native_hstore=False
        )

    def create(self, name: str, *, real: bool = False) -> Database:
        """A new empty database, in UTF-8 whatever the server's default is; `real` when it is to hold real data.

        Real data come with code of somebody's: such a database belongs to the run's guest, who is all that is ever
        connected to it.
        """
        self._guest = self._guest or (Guest.invite(self._admin, f"{self._prefix}guest") if real else None)
        database = self._make(name, "TEMPLATE template0 ENCODING 'UTF8'", real=real)
        if real and self._server.major < 15:
            # From 15 on it belongs to whoever owns the database.
            with connect(self._server.url.set(database=database.name)) as admin:
                admin.exec_driver_sql(f"ALTER SCHEMA public OWNER TO {self._prefix}guest")
        return database

    def clone(self, source: Database, name: str) -> Database:
        """A copy of `source`, which nobody may be connected to."""
        # Copying files needs a checkpoint: nothing on a throwaway server, a burden on somebody else's.
        by_file = self._server.throwaway and self._server.major >= 15
        how = f"TEMPLATE {source.name}" + (" STRATEGY file_copy" if by_file else "")
        return self._make(name, how, real=source.real, origin=source)

    def drop(self, database: Database) -> None:
        """Drop a database of ours with whatever still uses it."""
        with self._admin.connect() as admin:
            in_doubt, template = admin.execute(HELD, {"name": database.name}).one_or_none() or (False, False)
            if in_doubt:
                database.end_prepared()
            if template:
                admin.exec_driver_sql(f"ALTER DATABASE {database.name} IS_TEMPLATE false")
            try:
                admin.exec_driver_sql(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")
            except ProgrammingError as error:
                if getattr(error.orig, "pgcode", None) != INSUFFICIENT_PRIVILEGE:
                    raise
                # An autovacuum is there, which we have no right to end: an ordinary drop has it leave.
                admin.exec_driver_sql(OURS_LEAVE, {"name": database.name})
                admin.exec_driver_sql(f"DROP DATABASE {database.name}")
        self._made.pop(database.name, None)

    def drop_together(self, databases: Sequence[Database]) -> None:
        """Drop several at the same time.

        Each drop ends in a checkpoint, which on a server with a disk first writes the others' hundreds of files; those
        of a database that is gone before the next checkpoint are never written.
        """
        if self._server.throwaway:
            for database in databases:
                self.drop(database)
        elif databases:
            with ThreadPoolExecutor(DROPPERS) as workers:
                for _ in workers.map(self.drop, databases):
                    pass

    def drop_all(self, *, but: set[Database]) -> list[Database]:
        """Drop every database of this run that is not to be kept; returns those a server that is gone still has."""
        going = [made for made in self._made.values() if made not in but]
        if not self._dropped(going):
            with suppress(TimeoutError):
                # One that crashed may be recovering; and an interruption may have cancelled a drop.
                wait_until(lambda: self._dropped(going), "the server", RECOVERY_SECONDS)
        return [database for database in going if database.name in self._made]

    def cancel_queries(self) -> None:
        """Cancel what runs in the databases of this run, or makes and drops them; from any thread."""
        with connect(self._server.url) as connection:
            connection.exec_driver_sql(CANCEL, {"prefix": self._prefix})

    def close(self) -> None:
        """Leave the server, and nobody there who is of no use any more."""
        if self._guest and not self._made:
            self._guest.leave(self._admin)
        self._admin.dispose()

    def _dropped(self, going: Sequence[Database]) -> bool:
        """Whether all of them are gone, after one more try."""
        try:
            self.drop_together([one for one in going if one.name in self._made])
        except OperationalError:
            return False
        return True

    def _make(self, name: str, how: str, *, real: bool, origin: Database | None = None) -> Database:
        guest = self._guest if real else None
        url = self._server.url.set(database=self._prefix + name)
        database = Database(guest.at(url) if guest else url, real, origin)
        known = self._made.setdefault(database.name, database)  # first: interrupted from here on, it is dropped too
        try:
            with self._admin.connect() as admin:
                admin.exec_driver_sql(
                    f"CREATE DATABASE {database.name} {how}" + (f" OWNER {guest.name}" if guest else "")
                )
        except DBAPIError as error:
            if known is database and getattr(error.orig, "pgcode", None):  # the server said no: nothing to drop
                del self._made[database.name]
            raise
        return database
