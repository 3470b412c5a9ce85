"""The roles a migration needs: they are the server's, so a run leaves each as it found it, or not at all."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from steps.support.harness.servers.server import Server, connect

AS_THEY_ARE = text("""
SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN '' ELSE 'NO' END || 'SUPERUSER',
                          CASE WHEN rolbypassrls THEN '' ELSE 'NO' END || 'BYPASSRLS',
                          CASE WHEN rolcanlogin THEN '' ELSE 'NO' END || 'LOGIN',
                          CASE WHEN rolinherit THEN '' ELSE 'NO' END || 'INHERIT'),
       ARRAY(SELECT CAST(CAST(roleid AS regrole) AS text) FROM pg_auth_members WHERE member = r.oid)
FROM pg_roles r WHERE rolname = ANY (:names)
""")


def ensure(connection: Connection, names: Sequence[str]) -> None:
    """Make the roles that are not there, as somebody who may do so does before a migration that may not."""
    there = {name for name, *_ in connection.execute(AS_THEY_ARE, {"names": list(names)})}
    for name in names:
        if name not in there:
            connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN NOINHERIT")


def remembered(server: Server, names: Sequence[str]) -> Callable[[], None]:
    """What brings the roles back to how they are now, once the databases that use them are gone."""
    with connect(server.url) as connection:
        before = {name: (how, of) for name, how, of in connection.execute(AS_THEY_ARE, {"names": list(names)})}

    def restore() -> None:
        with suppress(DBAPIError), connect(server.url) as connection:
            for name, how, of in connection.execute(AS_THEY_ARE, {"names": list(names)}).all():
                if name not in before:
                    # A database that was kept, or another run, may still need it.
                    with suppress(DBAPIError):
                        connection.exec_driver_sql(f"DROP ROLE {name}")
                elif (how, of) != before[name]:
                    connection.exec_driver_sql(f"ALTER ROLE {name} {before[name][0]}")
                    for role in set(of) - set(before[name][1]):
                        connection.exec_driver_sql(f"REVOKE {role} FROM {name}")

    return restore
