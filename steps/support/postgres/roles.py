"""The roles a migration needs: they are the server's, not a database's."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from steps.support.postgres.database import Database

OWNER = "pg_read_all_settings"  # the predefined role that may do least: every server has it, and none is made
IS_SUPERUSER = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

MISSING = "SELECT name FROM unnest(%(names)s::text[]) name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)"


def missing(connection: Connection, names: Sequence[str]) -> list[str]:
    """Which of the roles are not there."""
    return list(connection.exec_driver_sql(MISSING, {"names": list(names)}).scalars())


def ensure(connection: Connection, names: Sequence[str]) -> None:
    """Make the roles that are not there, as a DBA does before a migration that may not."""
    for name in missing(connection, names):
        connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN NOINHERIT")


def give_away(database: Database, relations: Sequence[str], needed: Sequence[str]) -> str:
    """Give tables to an owner who is no superuser; returns that role, empty where our login is such an owner already.

    The roles `needed` are made first: such an owner cannot.
    """
    with database.connect() as connection:
        ensure(connection, needed)
        if not connection.scalar(IS_SUPERUSER):
            return ""
        for relation in relations:
            connection.exec_driver_sql(f"ALTER TABLE {relation} OWNER TO {OWNER}")
    return OWNER
