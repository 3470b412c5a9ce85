"""A database elsewhere to take the snapshot from, read without leaving anything on its connections."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import URL

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import client

CONNECT_SECONDS = "10"
# A session that is not ours may be handed on by a pooler: all that is set ends with the one transaction.
LIMITS = """
SET TRANSACTION READ ONLY;
SET LOCAL search_path = ''; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '1min'
"""
LOOK = """
SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'TABLE' ELSE 'VIEW' END, n.nspname::text, c.relname::text,
       pg_catalog.row_security_active(c.oid), pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.lower(c.relname) = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
EXTENSIONS = """
SELECT e.extname::text, n.nspname::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
"""


@dataclass(frozen=True)
class Seen:
    """Its major version; kind, schema and name of what is called as the tables; extensions; what look.sql says."""

    major: int
    relations: list[tuple[str, str, str]]
    extensions: dict[str, str]
    hanging: list[tuple[str, ...]] | None = None


def shown(url: URL) -> str:
    """The address as it may be shown."""
    return url.set(drivername="postgresql").render_as_string()


def look_at(url: URL, table: str, look: Path | None) -> Seen:
    """What there is; raises SnapshotError where it is a pooler, does not let us in or hides rows.

    `look` is the query of what hangs on the table: here it sees grants and publications too, as no copy does.
    """
    with _transaction(url) as cursor:
        cursor.execute(LOOK, (table,))
        found = cursor.fetchall()
        for _, schema, name, hidden, readable in found:
            if (schema, name) == ("public", table) and (hidden or not readable):
                raise SnapshotError(
                    f"{url.username} may not see all of {table} in {shown(url)}: row security, or no SELECT. "
                    "Use the table's owner, or a role with BYPASSRLS that may read it."
                )
        cursor.execute(EXTENSIONS)
        extensions = dict(cursor.fetchall())
        hanging = None
        if look:
            cursor.execute(look.read_text(encoding="utf-8"))
            hanging = [tuple(map(str, row)) for row in cursor.fetchall()]
        relations = [(kind, schema, name) for kind, schema, name, *_ in found]
        return Seen(cursor.connection.server_version // 10000, relations, extensions, hanging)


def dump(url: URL, target: Path) -> Path:
    """What pg_dump reads of it, in one read-only transaction."""
    environ = {
        **os.environ, "LC_ALL": "C", "PGCONNECT_TIMEOUT": CONNECT_SECONDS, "PGPASSWORD": str(url.password or ""),
        "PGOPTIONS": "-c default_transaction_read_only=on",
    }  # fmt: skip
    done = subprocess.run(
        [client("pg_dump"), "--format=custom", "--compress=1", "--no-password", "--lock-wait-timeout=10s",
         f"--file={target}", f"--dbname={Database(url).libpq_url()}"],
        env=environ, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").partition("\n")[0].removeprefix("pg_dump: error: ")
        raise SnapshotError(f"pg_dump cannot read {shown(url)}: {said or 'it was killed'}.")
    return target


@contextmanager
def _transaction(url: URL) -> Iterator[Any]:
    """A cursor in a read-only transaction; raises SnapshotError, in one line, when there is none to be had."""
    patient = url if "connect_timeout" in url.query else url.update_query_dict({"connect_timeout": CONNECT_SECONDS})
    try:
        connection = psycopg2.connect(Database(patient).driver_dsn())
        try:
            with connection.cursor() as cursor:
                cursor.execute(LIMITS)
                cursor.execute("SELECT pg_catalog.pg_backend_pid()")
                if cursor.fetchone() != (connection.info.backend_pid,):
                    raise SnapshotError(
                        f"{shown(url)} is a pooler: what pg_dump sets for its session would stay on a connection of "
                        "the product's. Give the address of the server behind it."
                    )
                yield cursor
        finally:
            connection.close()
    except psycopg2.Error as error:
        said = next(iter(str(error).strip().splitlines()), "no answer")
        raise SnapshotError(f"{shown(url)} cannot be asked: {said}. Check -D snapshot.") from error
