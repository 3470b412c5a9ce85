"""A database elsewhere to take the snapshot from: looked at, and read by pg_dump, in read-only sessions."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import clients
from steps.support.postgres.server import connect, refusal
from steps.support.rehearsal.client import PLAIN_ENGLISH, written_by

LOOK = """
SELECT current_setting('server_version_num')::int / 10000, pg_database_size(current_database()),
       (SELECT system_identifier FROM pg_control_system()),
       (SELECT coalesce(array_agg(ARRAY[nspname::text, relname::text]), '{}')
        FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relname = ANY (%s) AND relkind IN ('r', 'p'))
"""
LIMITS = "SET default_transaction_read_only = on; SET lock_timeout = '10s'; SET statement_timeout = '1min'"
CONNECT_SECONDS = "10"
SILENCE_SECONDS = 900.0  # of pg_dump, which says nothing while the server sorts out what there is
# Who would make the migration wait, if it ran now: by kind and age, never by what they do.
HELD = """
SELECT coalesce(CASE WHEN a.backend_type = 'autovacuum worker' THEN a.backend_type END, a.state,
                'prepared transaction or somebody not shown to this role'),
       count(DISTINCT l.virtualtransaction),
       coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)::int
FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation = 'public.{}'::regclass AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
GROUP BY 1 ORDER BY 3 DESC
"""
# pg_dump asks for all rows or fails; it would do so only after having copied what comes before.
HIDDEN = "SELECT row_security_active('public.{}')"
PERMITTED = "SELECT FROM public.{} LIMIT 0"
ANY = "SELECT EXISTS (SELECT FROM public.{})"
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class Seen:
    """What the database is: of which major version, how many bytes, on which server (its system identifier)."""

    major: int
    size: int
    identifier: int
    places: list[list[str]]  # schema and name of each table a migration is for
    held: tuple[str, ...] = ()  # what holds them now, in Spanish


def shown(url: URL) -> str:
    """The address as it may be shown."""
    return url.set(drivername="postgresql").render_as_string()


def look_at(url: URL, tables: list[str]) -> Seen:
    """What there is to know before anything is started for it, of the `tables` migrations are for.

    Raises SnapshotError when it cannot be read.
    """
    try:
        with connect(_impatient(url)) as connection:
            connection.exec_driver_sql(LIMITS)
            seen = Seen(*connection.exec_driver_sql(LOOK, (tables,)).one())
            for table in [name for schema, name in seen.places if schema == "public"]:
                connection.exec_driver_sql(PERMITTED.format(table))
                if connection.exec_driver_sql(HIDDEN.format(table)).scalar():
                    raise SnapshotError(
                        f"Row security hides {table} of {shown(url)} from {url.username}. "
                        "Use the owner, or a role with BYPASSRLS."
                    )
                if not connection.exec_driver_sql(ANY.format(table)).scalar():
                    raise SnapshotError(f"{shown(url)} has no rows in {table}: there is nothing to rehearse on.")
                for kind, count, seconds in connection.exec_driver_sql(HELD.format(table)):
                    held = f"{table} está tomada ahora en el origen por {count} ({kind}), desde hace {seconds} s"
                    seen = replace(seen, held=(*seen.held, f"{held}: la migración esperaría a que termine"))
    except DBAPIError as error:
        raise SnapshotError(
            f"{shown(url)} does not let us in: {refusal(error)}. Check -D snapshot, and what the role may read."
        ) from error
    return seen


@contextmanager
def dumped(url: URL, major: int) -> Iterator[IO[bytes]]:
    """What pg_dump says of it, read in one read-only transaction."""
    environ = {
        **PLAIN_ENGLISH, "PGCONNECT_TIMEOUT": CONNECT_SECONDS, "PGPASSWORD": url.password or "",
        "PGOPTIONS": "-c default_transaction_read_only=on",
    }  # fmt: skip
    command = [
        _program(url, major), "--no-password", "--lock-wait-timeout=10s", f"--dbname={Database(url).libpq_url()}",
    ]  # fmt: skip
    with written_by(command, environ, lambda said: _refused(url, said), SILENCE_SECONDS) as text:
        yield text


def _impatient(url: URL) -> URL:
    """The address with a limit to how long it is knocked at, unless it has its own."""
    return url if "connect_timeout" in url.query else url.update_query_dict({"connect_timeout": CONNECT_SECONDS})


def _refused(url: URL, said: str) -> SnapshotError:
    return SnapshotError(f"pg_dump cannot read {shown(url)}: {said or 'it was killed'}.")


def _program(url: URL, major: int) -> str:
    """A pg_dump as new as the server: an older one refuses it."""
    found = {program: _major_of(program) for program in clients("pg_dump")}
    suitable = [program for program, version in found.items() if version >= major]
    if not suitable:
        there = f"here is {max(found.values())}" if found else "there is none"
        raise SnapshotError(
            f"{shown(url)} is Postgres {major}: it needs a pg_dump of {major} or newer, and {there}. "
            "Install a newer Postgres client, or give a dump made there."
        )
    return suitable[0]


def _major_of(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = _VERSION.search(said)
    return int(match[1]) if match else 0
