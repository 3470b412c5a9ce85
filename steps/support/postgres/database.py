"""One database the suite made."""

import shlex
from dataclasses import dataclass, field

from sqlalchemy import URL, Connection, Engine

from steps.support.postgres.embedded import client
from steps.support.postgres.server import connect, engine

IN_DOUBT = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"


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


def _spaced(address: str) -> str:
    """The address as libpq reads it, to which a + among the parameters is no space."""
    before, mark, parameters = address.partition("?")
    return before + mark + parameters.replace("+", "%20")
