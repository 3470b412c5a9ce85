"""Hands a dump's text to psql, in a restricted session: it runs the text's SQL and nothing else of it."""

import os
import re
import secrets
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from steps.support.errors import SnapshotError
from steps.support.interrupts import held
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import psql
from steps.support.rehearsal.client import PLAIN_ENGLISH

LOST = 2  # psql's exit code when its connection broke
LONGEST = 1 << 17  # bytes kept of what it says at once
_SAYS = re.compile(r"psql:<stdin>:\d+: ")
_ERROR = re.compile(r"[^:\n]+:  ([0-9A-Z]{5}): (.*)", re.S)  # ERROR, in whatever language the server speaks
_STATEMENT = "STATEMENT:  "
# Of a psql that can: to skip the rows of a table that is not there, and to run no command of the text's.
_TRY = r"""\restrict {key}
COPY pg_temp.nothing FROM stdin;
SELECT 'SQL';
\.
\! echo ran
\unrestrict {key}
\echo {key}
"""

Failed = Callable[[str, str, str], None]


class Loading:
    """A psql at work. `failed` hears, on a thread of its own, of each statement that failed: its text, the SQLSTATE
    and the message, which may quote a row.

    Whatever ends it too soon shows in `put` as BrokenPipeError, and then in `finish`.
    """

    def __init__(self, database: Database, failed: Failed) -> None:
        """Raise SnapshotError when there is no psql that can be trusted with a dump."""
        self._failed = failed
        self._key = secrets.token_hex(16)
        environ = {**PLAIN_ENGLISH, "PGPASSWORD": str(database.url.password or "")}
        command = [
            psql(), "--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align", "--file=-",
            "--set=VERBOSITY=verbose", "--set=SHOW_CONTEXT=never", "--set=ECHO=errors",
            f"--dbname={database.libpq_url()}",
        ]  # fmt: skip
        _expect_trustworthy(command, environ, self._key)
        with held():
            self._process = subprocess.Popen(
                [*command, f"--output={os.devnull}"], env=environ,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            self._hearing = threading.Thread(target=self._hear, daemon=True)
            self._hearing.start()

    def __enter__(self) -> "Loading":
        self.put(f"\\restrict {self._key}\n".encode())
        return self

    def __exit__(self, *_: object) -> None:
        with held():
            self.stop()
            self._hearing.join()
            with suppress(BrokenPipeError), self._process:
                pass

    def put(self, text: bytes) -> None:
        """Hand it more."""
        assert self._process.stdin
        self._process.stdin.write(text)

    def stop(self) -> None:
        """End it where it is; from any thread."""
        self._process.kill()

    def finish(self) -> bool:
        """Wait for its end. Returns whether the text's end was no more than that: not inside rows, nor a quotation."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):
            self.put(f"\n\\unrestrict {self._key}\n\\echo {self._key}\n".encode())
            self._process.stdin.close()
        said = self._process.stdout.read()
        self._hearing.join()
        if self._process.wait() == LOST:
            raise ConnectionError
        return said.decode() == f"{self._key}\n"

    def _hear(self) -> None:
        error = ("", "")
        for said in self._sayings():
            if said.startswith(_STATEMENT):
                self._failed(said.removeprefix(_STATEMENT), *error)
            elif found := _ERROR.match(said):
                error = found[1], found[2]

    def _sayings(self) -> Iterator[str]:
        """What it says, each with the lines that belong to it."""
        stream = self._process.stderr
        assert stream
        said = ""
        for piece in iter(lambda: stream.readline(LONGEST), b""):
            line = piece.decode("utf-8", "replace")
            if found := _SAYS.match(line):
                yield said
                said = line[found.end() :]
            elif len(said) < LONGEST:  # of the rest it is known that there is more
                said += line
        yield said


def _expect_trustworthy(command: list[str], environ: Mapping[str, str], key: str) -> None:
    done = subprocess.run(
        command, env=environ, input=_TRY.format(key=key), capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode == 0 and done.stdout != f"{key}\n":
        raise SnapshotError(
            f"{command[0]} would run commands that a dump can hold. Install a newer Postgres client: "
            "the last of its major version, 13 to 18."
        )
