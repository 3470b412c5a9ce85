"""Restores a dump as the guest role; statements that fail are listed, not fatal."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import client
from steps.support.rehearsal.source import AGAIN, NAME, is_archive, is_tar, run_client, text_of

BEGUN, COMPLETE = b"-- PostgreSQL database dump\n", b"-- PostgreSQL database dump complete\n"
LAST = 500  # bytes that hold pg_dump's last line
_SAYS = re.compile(r"(?m)^pg_restore: (?:error|warning): ")
_COPY = re.compile(r'COPY failed for table "(.+?)": ')
_PSQL = re.compile(r"psql:<stdin>:\d+: (?:(?:ERROR|FATAL|PANIC):  ([0-9A-Z]{5})|STATEMENT:  )")
_NAME = rf"{NAME}(?:\.{NAME})?"
# The statement's kind and name. pg_dump writes keywords in capitals and quotes names in capitals.
_ABOUT = re.compile(
    rf"(?:CREATE|ALTER|COPY|INSERT INTO|COMMENT ON|REFRESH) (?:[A-Z]+ )*{_NAME}"
    rf"(?: ON (?:ONLY )?{_NAME}|\s+ADD CONSTRAINT {_NAME})?"
)
# Failures that do not matter: the object is there, or belongs to the server.
_NO_NEWS = re.compile(
    r"SET |SELECT pg_catalog.set_config|CREATE SCHEMA|COMMENT ON (EXTENSION|SCHEMA|DATABASE)|GRANT|REVOKE"
    r"|ALTER .* OWNER TO|ALTER DEFAULT PRIVILEGES|(CREATE|ALTER|DROP) (DATABASE|ROLE|USER|TABLESPACE|SYSTEM)\b"
    r"|(CREATE|ALTER|COMMENT ON) (PUBLICATION|SUBSCRIPTION)|ALTER EVENT TRIGGER|(BEGIN|START|COMMIT|END)\b"
)
# They neither hide a row from the table's owner nor hinder an ALTER TABLE.
_PERMISSIONS = ("CREATE POLICY", "CREATE EVENT TRIGGER", "CREATE EXTENSION")
# The words are Postgres's, in a session that speaks English, or a SQLSTATE: what is around them may quote a row.
_REASONS = (
    (re.compile(r"does not exist|^(42704|42P01|3F000|42883|42703)$"), "nombra algo que acá no existe"),
    (re.compile(r"violates foreign key|^23503$"), "nombra filas que todavía no están"),
    (re.compile(r"permission denied|must be |^42501$"), "pide más permisos que los del dueño de la base"),
    (re.compile(r"is not available|could not open extension|could not access file|^(0A000|58P01)$"),
     "este servidor no lo tiene"),
)  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """A statement that failed: what it is about, and why; its own words are never shown."""

    about: str
    why: str
    words: str

    def __str__(self) -> str:
        return f"{self.about} ({self.why})"

    def concerns(self, table: str) -> bool:
        """Whether the migration of a table is not rehearsed whole without it."""
        named = re.search(rf"(?<![\w$]){re.escape(table)}(?![\w$])", self.words)
        return bool(named) and not self.about.startswith(_PERMISSIONS)


def restore(path: Path, label: str, database: Database) -> list[LeftOut]:
    """Restore a dump; returns what a copy lacks. Raises SnapshotError when it does not end as a whole dump does."""
    found: dict[str, LeftOut] = {}
    failed = _archive(path, label, database) if is_archive(path) else _text(path, label, database)
    for statement, said in failed:
        words = statement.strip()
        if "No space left on device" in said or said.startswith("53100"):
            raise SnapshotError("The server has no room left to restore the snapshot. Make room there, or use another.")
        if not (_NO_NEWS.match(words) or "already exists" in said or said in ("42P06", "42710")):
            about = " ".join(named[0].split()) if (named := _ABOUT.match(words)) else "sentencia"
            why = next((spanish for words, spanish in _REASONS if words.search(said)), "falló")
            found.setdefault(about, LeftOut(about, why, words))
    return list(found.values())


def _archive(path: Path, label: str, database: Database) -> Iterator[tuple[str, str]]:
    done = run_client(
        "pg_restore", *["--jobs=2"] * (not is_tar(path)), "--no-password", "--no-owner", "--no-privileges",
        "--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces",
        f"--dbname={database.libpq_url()}", str(path), PGPASSWORD=str(database.url.password),
    )  # fmt: skip
    for one in _SAYS.split(done.stderr)[1:]:
        message, _, words = one.partition("\nCommand was: ")
        copied = _COPY.match(message)
        if words or copied:
            yield words or f"COPY {copied[1] if copied else ''}", message
        elif done.returncode and "errors ignored on restore" not in done.stderr:
            why = message.partition("\n")[0].partition("ERROR:")[0].strip(" .:")
            raise SnapshotError(f"pg_restore cannot go through {label}: {why}. {AGAIN}")


def _text(path: Path, label: str, database: Database) -> Iterator[tuple[str, str]]:
    """By psql, restricted to its SQL; each statement in a savepoint of its own where the dump is one transaction."""
    key, password = secrets.token_hex(16), str(database.url.password)
    options = [
        "--no-psqlrc", "--no-password", "--quiet", f"--output={os.devnull}", f"--dbname={database.libpq_url()}",
        "--set=VERBOSITY=sqlstate", "--set=ECHO=errors", "--set=ON_ERROR_ROLLBACK=on",
    ]  # fmt: skip
    tried = run_client("psql", *options, "--command=\\restrict x", "--command=\\! echo ran", PGPASSWORD=password)
    if "ran" in tried.stdout:
        raise SnapshotError("psql would run commands that a dump can hold. Install a newer Postgres client.")
    session = [f"--command=\\restrict {key}", "--file=-", f"--command=\\unrestrict {key}", f"--command=\\echo {key}"]
    with text_of(path) as text, TemporaryFile() as errors:
        begun = BEGUN in text.read(LAST)
        text.seek(max(0, text.seek(0, os.SEEK_END) - LAST))
        whole = COMPLETE in text.read() or not begun
        os.lseek(text.fileno(), 0, os.SEEK_SET)
        command, environ = [client("psql"), *options, *session], {**os.environ, "PGPASSWORD": password}
        done = subprocess.run(command, env=environ, stdin=text, stdout=subprocess.PIPE, stderr=errors, check=False)
        if done.stdout != f"{key}\n".encode() or not whole:
            raise SnapshotError(f"{label} is cut short, or the server went away: its end was not reached. {AGAIN}")
        errors.seek(0)
        said = _PSQL.split(errors.read().decode("utf-8", "replace"))
    # Split at what psql says: text, SQLSTATE or None, text, …; a statement follows its error.
    code = ""
    for state, rest in zip(said[1::2], said[2::2], strict=True):
        if state is None:
            yield rest, code
        code = state or ""
