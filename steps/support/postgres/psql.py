"""Runs a SQL file the way a DBA does: `psql -f`, in a process and a session of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from psycopg2.errorcodes import QUERY_CANCELED

from steps.support.postgres import time_limit
from steps.support.postgres.database import Database
from steps.support.postgres.embedded import client
from steps.support.postgres.outcome import Outcome, parse, redacted

GRACE_SECONDS = 30.0  # for a psql that was told to cancel
APPLICATION = "migration"  # how its sessions are told from the suite's own
_LOST = 2  # psql's exit code when its connection broke


class Run:
    """A script under way, in a psql of its own; `process` may be ended to see what it leaves.

    `printed` is what it printed, once it has ended: rows unaligned, without headings.
    """

    def __init__(
        self,
        database: Database,
        script: Path,
        settings: Mapping[str, str] | None = None,
        *,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
        quiet: bool = True,
        ours: bool = False,
    ) -> None:
        """Start `script` on `database` with session `settings`; `before` and `after` are commands beside it.

        `ours` is whether it is the script as shipped, whose own words quote no row. Raises AssertionError when the
        script is one that did not end before.
        """
        time_limit.expect_end(script)
        self._database, self._script, self._ours = database, script, ours
        self.printed = ""
        # A value as libpq's options take it: a backslash before what would end it.
        escaped = str.maketrans({"\\": "\\\\", " ": "\\ "})
        options = " ".join(f"-c {name}={value.translate(escaped)}" for name, value in (settings or {}).items())
        # In C psql's own words are English, whatever the environment's language.
        environ = {**os.environ, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PGOPTIONS": options,
                   "PGAPPNAME": APPLICATION, "PGPASSWORD": database.url.password or ""}  # fmt: skip
        commands = [*(f"--command={one}" for one in before), f"--file={script}", *(f"--command={one}" for one in after)]
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [client("psql"), "--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
             "--set=VERBOSITY=verbose", *["--quiet"] * quiet, *commands, f"--dbname={database.libpq_url()}"],
            env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
            start_new_session=True,
        )  # fmt: skip

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.process.poll() is not None

    def outcome(self, seconds: float | None = None) -> Outcome:
        """Wait for its end; a failure is in the Outcome, not raised. One that hangs is stopped."""
        limit = seconds or time_limit.seconds()
        try:
            self.printed, stderr = self.process.communicate(timeout=limit)
            outcome = self._told(stderr)
        except subprocess.TimeoutExpired:
            self.end()
            outcome = Outcome(False, QUERY_CANCELED, time_limit.reached(limit, *[self._script] * (not seconds)))
        except BaseException:
            self.end()
            raise
        outcome.began, outcome.seconds = self._started, time.monotonic() - self._started
        return outcome

    def end(self) -> None:
        """End it, with what it runs on the server: a psql that is killed leaves its query there, with its locks."""
        if self.process.stdout and self.process.stdout.closed:  # its outcome was asked for
            return
        self.process.send_signal(signal.SIGINT)  # psql cancels
        try:
            self.process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)  # with what it started, which has its output open
            self.process.communicate()

    def _told(self, stderr: str) -> Outcome:
        outcome = parse(stderr, succeeded=self.process.returncode == 0)
        outcome.lost = self.process.returncode == _LOST
        if not self._database.real:
            return outcome
        if not outcome.lost and self._database.end_prepared():
            return Outcome(False, message="deja una transacción preparada, con sus bloqueos")
        return redacted(outcome, ours=self._ours)


def run_file(
    database: Database, script: Path, settings: Mapping[str, str] | None = None, *, ours: bool = False
) -> Outcome:
    """Run `script` to its end."""
    return Run(database, script, settings, ours=ours).outcome()
