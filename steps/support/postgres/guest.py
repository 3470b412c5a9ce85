"""The role that owns copies of real data; it can reach nothing outside its database.

No superuser and member of nothing, it reads and writes no file of the server, runs no program there, loads no extension
that is not trusted and, with no dblink, foreign server or subscription to be had, reaches no other database.
"""

import secrets

from sqlalchemy import URL, Engine

from steps.support.errors import SnapshotError

SELF = "SELECT rolsuper, rolcreaterole, rolbypassrls, current_user::text FROM pg_roles WHERE rolname = current_user"


def create(admin: Engine, name: str) -> URL:
    """Create it; returns the server's address for it. Raises SnapshotError where we may not."""
    password = secrets.token_hex(16)
    with admin.connect() as connection:
        superuser, creates, bypasses, whoami = connection.exec_driver_sql(SELF).one()
        if not (superuser or creates):
            raise SnapshotError(
                f"Role {whoami} may create no roles, and real data are restored by one that can do no harm. "
                f"Run: ALTER ROLE {whoami} CREATEROLE, or leave -D postgres out."
            )
        # Row security that is forced on owners would hide rows from us.
        sees = "BYPASSRLS" if superuser or bypasses else ""
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN {sees} PASSWORD '{password}'")
        if not superuser:
            connection.exec_driver_sql(f"GRANT {name} TO CURRENT_USER")  # to make databases that it owns
    return admin.url.set(username=name, password=password)
