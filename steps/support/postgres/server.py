"""A server: address, version, how to stop it; and one that is given by URL."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from steps.support.errors import NoServerError

OLDEST = 13

# A throwaway server may lose everything at any moment, so it need not wait for a disk. The rest is what scenarios
# about live tables ask for: two-phase commit, room for many sessions.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_prepared_transactions": "20",
}
# What a large dump is restored by besides: rows that are copied into a new table need no log.
RESTORING = {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "maintenance_work_mem": "256MB"}
LOGIN = text("""
SELECT rolname AS name, rolsuper AS superuser, rolsuper OR rolcreatedb AS makes_databases,
       rolsuper OR rolcreaterole AS makes_roles, rolsuper OR rolbypassrls AS sees_all_rows
FROM pg_roles WHERE rolname = current_user
""")


@dataclass(frozen=True)
class Server:
    """A reachable server."""

    url: URL  # with a role that may create databases, and a database to connect to for that
    version: str
    label: str
    throwaway: bool = True  # started for this run
    stop: Callable[[], None] = field(default=lambda: None)  # ends a throwaway server and removes what it wrote
    removal: str = ""  # the shell command that does the same later
    opening: str = ""  # the shell command that opens the database {}, if psql cannot from here

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return int(self.version.split(".", maxsplit=1)[0])


def attach(url: URL) -> Server:
    """The server at `url`; raises NoServerError when it is away, too old, or lets us create nothing."""
    shown = url.set(drivername="postgresql").render_as_string()
    try:
        connection = connect(url)
    except OperationalError as error:
        raise NoServerError(
            f"No Postgres to run on: {shown} does not let us in ({first_line(error.orig)}). "
            "Check -D postgres, or use -D postgres=embedded."
        ) from error
    with connection:
        server = Server(url=url, version=version_of(url), label=f"running server {shown}", throwaway=False)
        role = rights(connection)
        if server.major < OLDEST:
            raise NoServerError(f"{shown} is Postgres {server.version}, and the suite needs {OLDEST} or newer.")
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
            raise NoServerError(f"{shown} is a standby, where nothing can be created. Use its primary, or another.")
        if not role.makes_databases:
            raise NoServerError(
                f"Role {role.name} may not create databases, and every scenario has its own. "
                f"Run: ALTER ROLE {role.name} CREATEDB, or use another role in -D postgres."
            )
    return server


def rights(connection: Connection | Session) -> Any:
    """What its role may do: `superuser`, `makes_databases`, `makes_roles`, `sees_all_rows`; and its `name`."""
    return connection.execute(LOGIN).one()


def forget_environment() -> None:
    """Take PGHOSTADDR, PGPORT, PGSERVICE, PGOPTIONS and their like from this process and all it starts.

    libpq takes from them what an address leaves open: with PGHOSTADDR set, "the embedded server" is another server.
    """
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


@lru_cache(maxsize=64)
def engine(url: URL) -> Engine:
    """The engine of an address, whose connections are all new and close for good.

    There is one, because on its first connection an engine asks the server who it is.
    """
    # An error must not print the values of a row, which may be a patient's. Nor is hstore ours to look for.
    return create_engine(url, poolclass=NullPool, hide_parameters=True, use_native_hstore=False)


def connect(url: URL) -> Connection:
    """A connection of its own, in autocommit, closed for good when closed."""
    return engine(url).execution_options(isolation_level="AUTOCOMMIT").connect()


def version_of(url: URL) -> str:
    """The server's version, such as '18.4'."""
    with connect(url) as connection:
        # Distributions append their own: '15.18 (Debian 15.18-0+deb12u1)'.
        return str(connection.exec_driver_sql("SHOW server_version").scalar()).split(" ", maxsplit=1)[0]


def first_line(error: object) -> str:
    """Of an error; of Docker's, the engine's own words: its text names an address that cannot be opened."""
    said = str(getattr(error, "explanation", None) or error)
    return next(iter(said.strip().splitlines()), type(error).__name__)
