"""The roles a migration needs: they are the server's, so a run leaves each as it found it, or not at all."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from steps.support.postgres.server import Server, connect

AS_THEY_ARE = text("""
SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN '' ELSE 'NO' END || 'SUPERUSER',
                          CASE WHEN rolbypassrls THEN '' ELSE 'NO' END || 'BYPASSRLS',
                          CASE WHEN rolcanlogin THEN '' ELSE 'NO' END || 'LOGIN',
                          CASE WHEN rolinherit THEN '' ELSE 'NO' END || 'INHERIT'),
       ARRAY(SELECT CAST(CAST(roleid AS regrole) AS text) FROM pg_auth_members WHERE member = r.oid),
       coalesce(rolconfig, '{}')
FROM pg_roles r WHERE rolname = ANY (:names)
""")
AS_MADE: tuple[str, list[str], list[str]] = ("NOSUPERUSER NOBYPASSRLS NOLOGIN NOINHERIT", [], [])


def ensure(connection: Connection, names: Sequence[str]) -> None:
    """Make the roles that are not there, as somebody who may do so does before a migration that may not."""
    there = {name for name, *_ in connection.execute(AS_THEY_ARE, {"names": list(names)})}
    for name in names:
        if name not in there:
            connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN NOINHERIT")


def remembered(server: Server, names: Sequence[str]) -> Callable[[], None]:
    """What brings the roles back to how they are now, once the databases that use them are gone."""
    with connect(server.url) as connection:
        before = {name: as_it_was for name, *as_it_was in connection.execute(AS_THEY_ARE, {"names": list(names)})}

    def restore() -> None:
        with suppress(DBAPIError), connect(server.url) as connection:
            for name, *_ in connection.execute(AS_THEY_ARE, {"names": list(names)}).all():
                if name not in before:
                    # A database that was kept, or another run, may still need it: then it is left as it is made.
                    with suppress(DBAPIError):
                        connection.exec_driver_sql(f"DROP ROLE {name}")
                        continue
                _give_back(connection, name, *before.get(name, AS_MADE))

    return restore


def _give_back(connection: Connection, name: str, how: str, of: Sequence[str], settings: Sequence[str]) -> None:
    ((_, how_now, of_now, settings_now),) = connection.execute(AS_THEY_ARE, {"names": [name]})
    if how_now != how:
        connection.exec_driver_sql(f"ALTER ROLE {name} {how}")
    for role in set(of_now) - set(of):
        connection.exec_driver_sql(f"REVOKE {role} FROM {name}")
    if settings_now != settings:
        connection.exec_driver_sql(f"ALTER ROLE {name} RESET ALL")
        for setting in settings:
            key, _, value = setting.partition("=")
            connection.execute(text("SELECT set_config(:key, :value, false)"), {"key": key, "value": value})
            connection.exec_driver_sql(f"ALTER ROLE {name} SET {key} FROM CURRENT")
