"""Puts a dump into a database of ours as its guest, going on over what cannot be had. No superuser: it is foreign."""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import client
from steps.support.rehearsal.left_out import LeftOut, left_out
from steps.support.rehearsal.source import is_archive, is_tar, plain_english, text_of

LOST = 2  # psql's exit code when its connection broke
_SAYS = re.compile(r"(?m)^pg_restore: (?:error|warning): ")
_COMMAND = "\nCommand was: "
_COPY = re.compile(r'COPY failed for table "(.+?)": ')
_PSQL = re.compile(r"psql:<stdin>:\d+: (?:(?:ERROR|FATAL|PANIC):  ([0-9A-Z]{5})|STATEMENT:  )")
_WENT_THROUGH = "errors ignored on restore"


def restore(path: Path, label: str, database: Database) -> list[LeftOut]:
    """Restore a dump; returns what could not be. Raises SnapshotError when it does not end as a whole dump does."""
    failed = _archive(path, label, database) if is_archive(path) else _text(path, label, database)
    return left_out(failed)


def _archive(path: Path, label: str, database: Database) -> Iterator[tuple[str, str]]:
    command = [
        client("pg_restore"), "--no-password", "--no-owner", "--no-privileges", "--no-publications",
        "--no-subscriptions", "--no-security-labels", "--no-tablespaces", f"--dbname={database.libpq_url()}", str(path),
    ]  # fmt: skip
    if not is_tar(path):  # of which pg_restore reads no two parts at a time
        command.insert(1, "--jobs=2")
    done = subprocess.run(command, capture_output=True, check=False, env=_environ(database))
    said = done.stderr.decode("utf-8", "replace")
    for one in _SAYS.split(said)[1:]:
        message, _, words = one.partition(_COMMAND)
        copied = _COPY.match(message)
        if words or copied:
            yield words or f"COPY {copied[1] if copied else ''}", message
        elif done.returncode and _WENT_THROUGH not in said:
            why = message.partition("\n")[0].partition("ERROR:")[0].strip(" .:")
            raise SnapshotError(f"pg_restore cannot go through {label}: {why}. Copy or dump it again, whole.")


def _text(path: Path, label: str, database: Database) -> Iterator[tuple[str, str]]:
    """By psql, restricted to its SQL; each statement in a savepoint of its own where the dump is one transaction."""
    key = secrets.token_hex(16)
    command = [
        client("psql"), "--no-psqlrc", "--no-password", "--quiet", "--file=-", f"--output={os.devnull}",
        "--set=VERBOSITY=sqlstate", "--set=ECHO=errors", "--set=ON_ERROR_ROLLBACK=on",
        f"--dbname={database.libpq_url()}",
    ]  # fmt: skip
    environ = _environ(database)
    _expect_restricting(command, environ)
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as out, text_of(path) as text:
        with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=out, stderr=errors) as process:
            try:
                assert process.stdin
                with suppress(BrokenPipeError):
                    process.stdin.write(f"\\restrict {key}\n".encode())
                    shutil.copyfileobj(text, process.stdin, 1 << 17)
                    process.stdin.write(f"\n\\unrestrict {key}\n\\echo {key}\n".encode())
                    process.stdin.close()
                process.wait()
            except BaseException:
                process.kill()
                raise
        if process.returncode == LOST:
            raise SnapshotError(f"The server went away while {label} was restored. Read its log, or use another.")
        out.seek(0)
        if out.read().decode("utf-8", "replace") != f"{key}\n":
            raise SnapshotError(f"{label} is cut short: it ends inside rows or a statement. Dump it again, whole.")
        errors.seek(0)
        said = _PSQL.split(errors.read().decode("utf-8", "replace"))
    # Split at what psql says: text, SQLSTATE or None, text, …; a statement follows its error.
    code = ""
    for state, rest in zip(said[1::2], said[2::2], strict=True):
        if state is None:
            yield rest, code
        code = state or ""


def _expect_restricting(command: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environ, input=b"\\restrict x\n\\! echo ran\n\\echo ran\n", capture_output=True, check=False
    )
    if b"ran" in done.stdout:
        raise SnapshotError(f"{command[0]} would run commands that a dump can hold. Install a newer Postgres client.")


def _environ(database: Database) -> dict[str, str]:
    return {**plain_english(), "PGPASSWORD": str(database.url.password or "")}
