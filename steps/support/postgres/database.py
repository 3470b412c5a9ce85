"""One database the suite made."""

import shlex
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine

from steps.support.postgres.embedded import client
from steps.support.postgres.server import connect, engine

CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
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

    def cancel_queries(self) -> None:
        """Cancel what runs in it, whoever runs it."""
        with self.connect() as connection:
            connection.exec_driver_sql(CANCEL)

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

    def libpq_url(self, **parameters: str) -> str:
        """The address as psql takes it, without the password, with more connection parameters."""
        bare = self.url._replace(drivername="postgresql", password=None)
        return _spaced(bare.update_query_dict(parameters).render_as_string())

    def driver_dsn(self) -> str:
        """The address as psycopg2 takes it, password included: for a connection, never for output."""
        return _spaced(self.url.set(drivername="postgresql").render_as_string(hide_password=False))

    def opening_command(self) -> str:
        """A shell command that opens it; where a password is needed it is read from a file only we can read."""
        parameters = {"passfile": str(password_file(str(self.url.password)))} if self.url.password else {}
        return f"{shlex.quote(client('psql'))} {shlex.quote(self.libpq_url(**parameters))}"


def _spaced(address: str) -> str:
    """The address as libpq reads it, to which a + among the parameters is no space."""
    before, mark, parameters = address.partition("?")
    return before + mark + parameters.replace("+", "%20")


@cache
def password_file(password: str) -> Path:
    """A libpq password file (mode 600) that outlives the run."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    with tempfile.NamedTemporaryFile("w", prefix="acceptance-pgpass-", delete=False) as file:
        file.write(f"*:*:*:*:{escaped}\n")
    return Path(file.name)
