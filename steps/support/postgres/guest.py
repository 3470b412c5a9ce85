"""The role that owns databases of real data: whatever code comes with them can do nothing outside its database."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from steps.support.errors import SnapshotError

SELF = "SELECT rolsuper, rolcreaterole, rolbypassrls, current_user::text FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Guest:
    """A role of one run: no superuser, member of nothing, who may neither create roles or databases nor replicate.

    So it reads and writes no file of the server, runs no program there, loads no extension that is not trusted
    and, with no dblink, foreign server or subscription to be had, reaches no other database.
    """

    name: str
    password: str

    @classmethod
    def invite(cls, admin: Engine, name: str) -> "Guest":
        """Create it; raises SnapshotError where we may not."""
        guest = cls(name, secrets.token_hex(16))
        with admin.connect() as connection:
            superuser, creates, bypasses, whoami = connection.exec_driver_sql(SELF).one()
            if not (superuser or creates):
                raise SnapshotError(
                    f"Role {whoami} may create no roles, and real data are restored by one that can do no harm. "
                    f"Run: ALTER ROLE {whoami} CREATEROLE, or leave -D postgres out."
                )
            # Row security that is forced on owners would hide rows from us.
            sees = "BYPASSRLS" if superuser or bypasses else ""
            connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN {sees} PASSWORD '{guest.password}'")
            if not superuser:
                connection.exec_driver_sql(f"GRANT {name} TO CURRENT_USER")  # to make databases that it owns
        return guest

    def at(self, url: URL) -> URL:
        """An address of the server, for it."""
        return url.set(username=self.name, password=self.password)

    def leave(self, admin: Engine) -> None:
        """Drop it, once its databases are gone."""
        with suppress(DBAPIError), admin.connect() as connection:
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {self.name}")
