"""What a script did that lets nobody into the database any more: the next connection fails, and the server is there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support.postgres.database import Database
from steps.support.postgres.guest import settle
from steps.support.postgres.server import Server, connect

# What was not so when the copy was made: by Postgres's own words for it, as a script has them.
DONE = text("""
SELECT concat_ws(', ',
    CASE WHEN d.oid IS NULL THEN 'borró la base de datos o le cambió el nombre' END,
    CASE WHEN NOT datallowconn THEN 'le puso ALLOW_CONNECTIONS false a la base de datos' END,
    CASE WHEN datconnlimit >= 0 THEN 'le puso CONNECTION LIMIT ' || datconnlimit || ' a la base de datos' END,
    CASE WHEN NOT has_database_privilege(r.oid, d.oid, 'CONNECT')
         THEN 'quitó el permiso CONNECT sobre la base de datos' END,
    CASE WHEN r.oid IS NULL THEN 'borró el rol que la ejecuta o le cambió el nombre' END,
    CASE WHEN NOT rolcanlogin THEN 'le puso NOLOGIN al rol que la ejecuta' END,
    CASE WHEN rolconnlimit >= 0 THEN 'le puso CONNECTION LIMIT ' || rolconnlimit || ' al rol que la ejecuta' END,
    CASE WHEN rolvaliduntil < now() THEN 'le puso VALID UNTIL al rol que la ejecuta' END,
    'dejó ajustes con los que no se entra: ' || (
        SELECT string_agg(DISTINCT split_part(one, '=', 1), ', ') FROM pg_db_role_setting s, unnest(setconfig) one
        WHERE setrole IN (0, r.oid) AND setdatabase IN (0, d.oid) AND one NOT LIKE 'temp_file_limit=%'))
FROM (SELECT) AS one LEFT JOIN pg_database d ON datname = :database LEFT JOIN pg_roles r ON rolname = :role
""")
UNSEEN = "cambió la contraseña del rol que la ejecuta, o algo que no se ve"


class ShutOutError(RuntimeError):
    """Nobody gets into the database any more, with what the script did in Spanish."""


@contextmanager
def told(database: Database, server: Server, lost: type[Exception]) -> Iterator[None]:
    """Raise ShutOutError in the place of a database error, or `lost`, where that is why; all is given back then."""
    try:
        yield
    except (DBAPIError, lost) as error:
        if _lets_in(database):
            raise
        try:
            with connect(server.url) as admin:
                names = {"database": database.name, "role": database.url.username}
                done = admin.execute(DONE, names).scalar_one()
                with suppress(DBAPIError):  # what is gone cannot be given back
                    settle(admin, database)
        except DBAPIError:
            raise error from None
        if not done and not _lets_in(database):
            raise
        raise ShutOutError(
            f"después del script no se puede volver a entrar en la base de datos: {done or UNSEEN}"
        ) from None


def _lets_in(database: Database) -> bool:
    try:
        database.connect().close()
    except DBAPIError:
        return False
    return True
