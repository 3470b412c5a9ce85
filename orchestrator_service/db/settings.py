"""Where the database is: read from the environment, as the service has it."""

from collections.abc import Mapping

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

VARIABLES = ("POSTGRES_DSN", "DATABASE_URL")
_SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2", "postgresql+psycopg")
# Of other clients: asyncpg's through SQLAlchemy, and Prisma's.
_OTHERS = (
    "prepared_statement_cache_size", "prepared_statement_name_func", "async_fallback",
    "schema", "pgbouncer", "connection_limit",
)  # fmt: skip


class SettingsError(ValueError):
    """The environment does not say, or says twice, where the database is. Never carries a password."""


def database_url(environ: Mapping[str, str]) -> URL:
    """The one address the environment gives, for psycopg2.

    Reads POSTGRES_DSN and DATABASE_URL; the service's spellings (`postgres://`, `postgresql+asyncpg://`)
    are accepted. Raises SettingsError when neither is set, both are and differ, or one is no Postgres URL.
    """
    found = {name: psycopg2_url(environ[name], name) for name in VARIABLES if environ.get(name)}
    if not found:
        raise SettingsError(
            "No database address: neither POSTGRES_DSN nor DATABASE_URL is set. "
            "Set POSTGRES_DSN=postgresql://user@host:5432/database."
        )
    if len(set(found.values())) > 1:
        where = ", ".join(f"{name} = {url.render_as_string()}" for name, url in found.items())
        raise SettingsError(f"Two different database addresses: {where}. Unset one of them.")
    return next(iter(found.values()))


def psycopg2_url(address: str, source: str) -> URL:
    """`address` as a psycopg2 URL; `source` names where it came from in the SettingsError it may raise."""
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):
        # The cause is not chained: SQLAlchemy's message repeats the address, password and all.
        raise SettingsError(_not_an_address(source)) from None
    if url.drivername not in _SCHEMES or not url.database:
        raise SettingsError(_not_an_address(source))
    query = dict(url.query)
    if "ssl" in query:  # asyncpg's name for libpq's sslmode
        query["sslmode"] = query.pop("ssl")
    if "password" in query:  # libpq takes it here too; in its own place it is never shown
        url = url.set(password=str(query.pop("password")))
    query = {key: value for key, value in query.items() if key not in _OTHERS}
    return url.set(drivername="postgresql+psycopg2", query=query)


def _not_an_address(source: str) -> str:
    return f"{source} is not a Postgres address. Write it as postgresql://user@host:5432/database."
