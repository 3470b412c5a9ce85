"""A live database as the source. pg_dump reads it; no setting outlives our transaction."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from sqlalchemy import URL

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.server import first_line
from steps.support.rehearsal.source import Snapshot, expect_table, look_script, run_client
from steps.support.subject import Subject

CONNECT_SECONDS = "10"
# A session that is not ours may be handed on by a pooler: all that is set ends with the one transaction.
BEGIN = """
SET TRANSACTION READ ONLY; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '1min';
SET LOCAL search_path = ''; SELECT pg_catalog.pg_backend_pid()
"""
LOOK = """
SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'TABLE' ELSE 'VIEW' END, n.nspname::text, c.relname::text,
       pg_catalog.row_security_active(c.oid) OR NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.lower(c.relname) = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
EXTENSIONS = """
SELECT e.extname::text, n.nspname::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
"""


def look_at(url: URL, subject: Subject) -> Snapshot:
    """What a database holds; raises SnapshotError when the subject cannot be rehearsed on it.

    What hangs on the table is asked here: no copy has the grants and the publications.
    """
    label = url.set(drivername="postgresql").render_as_string()
    try:
        opened = psycopg2.connect(Database(url).driver_dsn(), connect_timeout=CONNECT_SECONDS)
        with closing(opened) as connection, connection.cursor() as cursor:
            cursor.execute(BEGIN)
            if cursor.fetchone() != (connection.info.backend_pid,):
                raise SnapshotError(f"{label} is a pooler, which hands on what pg_dump sets. Give its server.")
            cursor.execute(LOOK, (subject.table,))
            found = cursor.fetchall()
            expect_table(label, subject, [row[:3] for row in found])
            if any(hidden for *what, hidden in found if what == ["TABLE", "public", subject.table]):
                raise SnapshotError(f"{url.username} may not see all rows of {subject.table}. Use its owner.")
            cursor.execute(EXTENSIONS)
            extensions, hanging = dict(cursor.fetchall()), None
            if script := look_script(subject):
                cursor.execute(script.read_text(encoding="utf-8"))
                hanging = cursor.fetchall()
            return Snapshot(url, label, extensions, hanging)
    except psycopg2.Error as error:
        raise SnapshotError(f"{label} cannot be asked: {first_line(error)}. Check -D snapshot.") from error


@contextmanager
def dump_of(snapshot: Snapshot) -> Iterator[Path]:
    """The file; of a database what pg_dump reads in one read-only transaction, in a folder that goes with the block."""
    if isinstance(snapshot.source, Path):
        yield snapshot.source
        return
    with TemporaryDirectory(prefix="acceptance-dump-") as folder:
        target = Path(folder) / "dump"
        done = run_client(
            "pg_dump", "--format=custom", "--compress=1", "--no-password", "--lock-wait-timeout=10s",
            f"--file={target}", f"--dbname={Database(snapshot.source).libpq_url()}",
            PGCONNECT_TIMEOUT=CONNECT_SECONDS, PGPASSWORD=str(snapshot.source.password or ""),
            PGOPTIONS="-c default_transaction_read_only=on",
        )  # fmt: skip
        if done.returncode:
            said = done.stderr.partition("\n")[0].removeprefix("pg_dump: error: ")
            raise SnapshotError(f"pg_dump cannot read {snapshot.label}: {said or 'it was killed'}.")
        yield target
