"""Roles: they are the server's, not a database's."""

import secrets
from collections.abc import Sequence

from sqlalchemy import URL, Connection, Engine

from steps.support.errors import SnapshotError
from steps.support.postgres.server import rights

OWNER = "pg_read_all_settings"  # the predefined role that may do least: every server has it, and none is made
MISSING = "SELECT name FROM unnest(%(names)s::text[]) name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)"


def missing(connection: Connection, names: Sequence[str]) -> list[str]:
    """Which of the roles are not there."""
    return list(connection.exec_driver_sql(MISSING, {"names": list(names)}).scalars())


def ensure(connection: Connection, names: Sequence[str]) -> None:
    """Make the roles that are not there, as a DBA does before a migration that may not."""
    for name in missing(connection, names):
        connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN NOINHERIT")


def guest(admin: Engine, name: str) -> URL:
    """Make the role that owns copies of real data; returns its address. Raises SnapshotError where we may not.

    No superuser and member of nothing, it reads and writes no file of the server, runs no program there, loads no
    extension that is not trusted and, with no dblink, foreign server or subscription to be had, reaches no other
    database.
    """
    password = secrets.token_hex(16)
    with admin.connect() as connection:
        our = rights(connection)
        if not our.makes_roles:
            raise SnapshotError(
                f"Role {our.name} may create no roles, and real data are restored by one that can do no harm. "
                f"Run: ALTER ROLE {our.name} CREATEROLE, or leave -D postgres out."
            )
        # Row security that is forced on owners would hide rows from us.
        sees = "BYPASSRLS" if our.sees_all_rows else ""
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN {sees} PASSWORD '{password}'")
        if not our.superuser:
            connection.exec_driver_sql(f"GRANT {name} TO CURRENT_USER")  # to make databases that it owns
    return admin.url.set(username=name, password=password)
