"""The databases that a run makes."""

import secrets
import shlex
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from steps.support.postgres import roles
from steps.support.postgres.embedded import client
from steps.support.postgres.server import Server, connect, engine

IN_DOUBT = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
# DROP DATABASE WITH (FORCE) is refused where an autovacuum is at work and we are no superuser. Without FORCE Postgres
# ends the autovacuum and waits.
END_SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = %(name)s AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE')
"""
PREPARED = "SELECT count(*) FROM pg_prepared_xacts WHERE database = %(name)s"


@dataclass(frozen=True)
class Database:
    """A database of this run. Every connection is new and closes for good: a clone needs its source idle."""

    url: URL
    real: bool = field(default=False, compare=False)  # holds real data, which no output may quote

    @property
    def name(self) -> str:
        """Its name on the server."""
        assert self.url.database
        return self.url.database

    def connect(self) -> Connection:
        """A new connection, in autocommit."""
        connection = connect(self.url)
        if self.real:  # a dump's function cannot stand in for Postgres's
            connection.exec_driver_sql("SET search_path = ''")
        return connection

    def end_prepared(self) -> int:
        """Roll back the transactions prepared in it, which outlive their sessions with their locks; how many."""
        with self.connect() as connection:
            gids = connection.exec_driver_sql(IN_DOUBT).scalars().all()
            for gid in gids:
                connection.exec_driver_sql("ROLLBACK PREPARED '" + gid.replace("'", "''") + "'")
        return len(gids)

    def engine(self) -> Engine:
        """An engine for ORM sessions, each on a new connection."""
        return engine(self.url)

    def libpq_url(self) -> str:
        """The address as psql takes it, without the password."""
        return _spaced(self.url._replace(drivername="postgresql", password=None).render_as_string())

    def driver_dsn(self) -> str:
        """The address as psycopg2 takes it, password included: for a connection, never for output."""
        return _spaced(self.url.set(drivername="postgresql").render_as_string(hide_password=False))

    def opening_command(self) -> str:
        """A shell command that opens it, and asks for the password where one is needed."""
        return f"{shlex.quote(client('psql'))} {shlex.quote(self.libpq_url())}"


class Pool:
    """The databases of one run on one server. Their names begin with a prefix of this run; it touches no other.

    The life of a database: `create` makes an empty one. The suite fills it once, and from then on it is a template that
    nothing changes. For each scenario `clone` copies a template, in some 15 ms on a server of ours. A scenario may do
    anything to its own: commit, drop tables, leave locks; no other scenario sees it. When the scenario ends, `drop`
    ends the sessions left in it and removes it. At the end of the run, also after an error or a signal, `drop_all`
    removes what is left, but for what `-D keep` names.
    """

    def __init__(self, server: Server, needed: Sequence[str] = ()) -> None:
        """On `server`; of the roles `needed` by the migrations, `close` drops those that are not there now."""
        self.prefix = f"acceptance_{secrets.token_hex(4)}_"
        self._server = server
        self._made: dict[str, Database] = {}
        self._guest: URL | None = None
        self._admin = create_engine(
            server.url, pool_size=1, pool_pre_ping=True, isolation_level="AUTOCOMMIT", use_native_hstore=False
        )
        with self._admin.connect() as admin:
            self._roles = roles.missing(admin, needed)

    def create(self, name: str, *, real: bool = False) -> Database:
        """A new empty database, in UTF-8. One for real data belongs to the run's guest: it comes with foreign code."""
        if real and not self._guest:
            self._guest = roles.guest(self._admin, f"{self.prefix}guest")
        database = self._make(name, "TEMPLATE template0 ENCODING 'UTF8'", real=real)
        if real and self._server.major < 15:
            # From 15 on it belongs to the owner of the database.
            with connect(self._server.url.set(database=database.name)) as admin:
                admin.exec_driver_sql(f"ALTER SCHEMA public OWNER TO {self.prefix}guest")
        return database

    def clone(self, source: Database, name: str) -> Database:
        """A copy of `source`, to which no session may be connected."""
        return self._make(name, f"TEMPLATE {source.name}", real=source.real)

    def drop(self, database: Database) -> None:
        """Drop a database of this run with the sessions that are left in it."""
        with self._admin.connect() as admin:
            name = {"name": database.name}
            admin.exec_driver_sql(END_SESSIONS, name)
            if admin.exec_driver_sql(PREPARED, name).scalar():
                database.end_prepared()
            if database.real:
                admin.exec_driver_sql(f"ALTER DATABASE {database.name} IS_TEMPLATE false")  # its own code may say so
            admin.exec_driver_sql(f"DROP DATABASE IF EXISTS {database.name}")
        self._made.pop(database.name, None)

    def drop_all(self, *, but: Collection[Database] = ()) -> list[str]:
        """Drop every database of this run but those; returns the names of those it could not drop."""
        for database in [made for made in self._made.values() if made not in but]:
            with suppress(DBAPIError):
                self.drop(database)
        return [name for name, made in self._made.items() if made not in but]

    def close(self) -> None:
        """Drop this run's roles unless a database is left."""
        if not self._made:
            with self._admin.connect() as admin:
                for role in [*self._roles, f"{self.prefix}guest"]:
                    with suppress(DBAPIError):  # another run at the same time may need it
                        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        self._admin.dispose()

    def _make(self, name: str, how: str, *, real: bool) -> Database:
        url = (self._guest if self._guest and real else self._server.url).set(database=self.prefix + name)
        database = Database(url, real)
        self._made[database.name] = database  # first: interrupted from here on, it is dropped too
        # Copying files needs a checkpoint: nothing on a server of ours, a burden on another's.
        how += " STRATEGY file_copy" * (self._server.throwaway and self._server.major >= 15)
        with self._admin.connect() as admin:
            admin.exec_driver_sql(f"CREATE DATABASE {database.name} {how}" + f" OWNER {self.prefix}guest" * real)
        return database


def _spaced(address: str) -> str:
    """The address as libpq reads it, to which a + among the parameters is no space."""
    before, mark, parameters = address.partition("?")
    return before + mark + parameters.replace("+", "%20")
