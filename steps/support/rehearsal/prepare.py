"""What a superuser does for a rehearsal, all of it before a byte of the dump is there: no such session comes later."""

from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect
from steps.support.rehearsal.source import Snapshot

# Those that only a superuser may create, and that reach no file, no program and no other server: of the others the
# guest creates what Postgres trusts an owner with.
SAFE = {
    "autoinc", "bloom", "dict_xsyn", "earthdistance", "insert_username", "moddatetime", "pg_stat_statements", "postgis",
    "postgis_topology", "refint", "vector",
}  # fmt: skip
# What most schemas use of two that the embedded server lacks.
STAND_INS = {
    "uuid-ossp": "CREATE FUNCTION {0}.uuid_generate_v4() RETURNS uuid LANGUAGE sql "
    "AS 'SELECT pg_catalog.gen_random_uuid()'",
    "pgcrypto": "CREATE FUNCTION {0}.gen_random_uuid() RETURNS uuid LANGUAGE sql "
    "AS 'SELECT pg_catalog.gen_random_uuid()'",
}
# A failed COPY or check writes the row into the server's log; and what it says is read by its words.
SILENT = {"log_min_messages": "panic", "log_min_error_statement": "panic", "log_statement": "none",
          "log_duration": "off", "log_min_duration_statement": "-1", "lc_messages": "C"}  # fmt: skip


def prepare(snapshot: Snapshot, database: Database, server: Server) -> list[str]:
    """Create the extensions it wants in the empty database, keep its rows out of the log; returns those that lack.

    Raises SnapshotError when the server is older than the dump.
    """
    if snapshot.major > server.major:
        raise SnapshotError(
            f"{snapshot.label} is of Postgres {snapshot.major}, newer than the server of the rehearsal "
            f"({server.version}). Use one as new: -D postgres=docker -D image=postgres:{snapshot.major}"
        )
    guest = database.url.username
    with connect(server.url.set(database=database.name)) as admin:
        for name, value in SILENT.items():
            with suppress(DBAPIError):  # only a superuser may; on another's server the dump's owner has its log
                admin.exec_driver_sql(f"ALTER ROLE {guest} SET {name} = '{value}'")
        there = set(admin.exec_driver_sql("SELECT name FROM pg_available_extensions").scalars())
        for name, schema in snapshot.extensions.items():
            quoted = _quoted(schema)
            admin.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted} AUTHORIZATION {guest}", ())
            if name in SAFE & there:
                with suppress(DBAPIError):  # then the dump asks for it once more, and what fails is named
                    admin.exec_driver_sql(f"CREATE EXTENSION {_quoted(name)} WITH SCHEMA {quoted} CASCADE", ())
    lacking = [name for name in snapshot.extensions if name not in there]
    with database.connect() as connection:
        for name in set(lacking) & set(STAND_INS):
            connection.exec_driver_sql(STAND_INS[name].format(_quoted(snapshot.extensions[name])), ())
    return lacking


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
