"""What a superuser does for a rehearsal, all of it before a byte of the dump is there: no such session comes later."""

from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from steps.support.evidence.tables import quoted
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect
from steps.support.rehearsal.source import Snapshot

# Extensions that need a superuser and reach no file, program or server. The guest creates trusted ones.
SAFE = {
    "autoinc", "bloom", "dict_xsyn", "earthdistance", "insert_username", "moddatetime", "pg_stat_statements", "postgis",
    "postgis_topology", "refint", "vector",
}  # fmt: skip
# What most schemas use of two that the embedded server lacks.
UUID = {"uuid-ossp": "uuid_generate_v4", "pgcrypto": "gen_random_uuid"}
STAND_IN = "CREATE FUNCTION {}.{}() RETURNS uuid LANGUAGE sql AS 'SELECT pg_catalog.gen_random_uuid()'"
# A failed COPY or check writes the row into the server's log; and what it says is read by its words.
SILENT = {"log_min_messages": "panic", "log_min_error_statement": "panic", "log_statement": "none",
          "log_duration": "off", "log_min_duration_statement": "-1", "lc_messages": "C"}  # fmt: skip


def prepare(snapshot: Snapshot, database: Database, server: Server) -> None:
    """Create the extensions it wants in the empty database, and keep its rows out of the log."""
    guest = database.url.username
    with connect(server.url.set(database=database.name)) as admin:
        for name, value in SILENT.items():
            with suppress(DBAPIError):  # only a superuser may; on another's server the dump's owner has its log
                admin.exec_driver_sql(f"ALTER ROLE {guest} SET {name} = '{value}'")
        there = set(admin.exec_driver_sql("SELECT name FROM pg_available_extensions").scalars())
        for name, schema in snapshot.extensions.items():
            admin.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)} AUTHORIZATION {guest}", ())
            if name in SAFE & there:
                with suppress(DBAPIError):  # then the dump asks for it once more, and what fails is named
                    admin.exec_driver_sql(f"CREATE EXTENSION {quoted(name)} WITH SCHEMA {quoted(schema)} CASCADE", ())
    with database.connect() as connection:
        for name in (snapshot.extensions.keys() & UUID.keys()) - there:
            connection.exec_driver_sql(STAND_IN.format(quoted(snapshot.extensions[name]), UUID[name]), ())
