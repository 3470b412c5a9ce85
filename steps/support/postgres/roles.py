"""The roles a migration needs: they are the server's, not a database's."""

from collections.abc import Sequence

from sqlalchemy import Connection

MISSING = "SELECT name FROM unnest(%(names)s::text[]) name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)"


def ensure(connection: Connection, names: Sequence[str]) -> None:
    """Make the roles that are not there, as a DBA does before a migration that may not."""
    for name in connection.exec_driver_sql(MISSING, {"names": list(names)}).scalars().all():
        connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN NOINHERIT")
