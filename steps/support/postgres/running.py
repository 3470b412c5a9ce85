"""A server given by URL."""

from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from steps.support.errors import NoServerError
from steps.support.postgres.server import OLDEST, Server, connect, refusal, version_of

ROLE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"


def attach(url: URL) -> Server:
    """The server at `url`; raises NoServerError when it is away, too old, or lets us create nothing."""
    shown = url.set(drivername="postgresql").render_as_string()
    try:
        connection = connect(url)
    except OperationalError as error:
        raise NoServerError(
            f"No Postgres to run on: {shown} does not let us in ({refusal(error)}). "
            "Check -D postgres, or use -D postgres=embedded."
        ) from error
    with connection:
        version = version_of(url)
        server = Server(url=url, version=version, label=f"running server {shown}", throwaway=False)
        if server.major < OLDEST:
            raise NoServerError(
                f"{shown} is Postgres {version}, and the suite needs {OLDEST} or newer. Use a newer server."
            )
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
            raise NoServerError(f"{shown} is a standby, where nothing can be created. Use its primary, or another.")
        if not connection.exec_driver_sql(ROLE).scalar():
            raise NoServerError(
                f"Role {url.username or 'of ' + shown} may not create databases, and every scenario has its own. "
                "Run: ALTER ROLE … CREATEDB, or use another role in -D postgres."
            )
    return server
