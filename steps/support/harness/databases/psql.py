"""Runs a SQL file the way a DBA does: `psql -f`, in a process and a session of its own."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from psycopg2.errorcodes import QUERY_CANCELED, SYNTAX_ERROR

from steps.support.harness.databases import statement_log as trail
from steps.support.harness.databases import time_limit
from steps.support.harness.databases.database import Database
from steps.support.harness.discretion import condition, quotes_nothing
from steps.support.harness.interrupts import held
from steps.support.harness.progress import progress
from steps.support.harness.servers.embedded import psql

GRACE_SECONDS = 5.0  # for a psql that was told to cancel
SILENT_SECONDS = 5.0  # of a script that runs
APPLICATION = "migration"  # how its sessions are told from the suite's own
_OWN_WORDS = re.compile(r"PL/pgSQL function inline_code_block line \d+ at RAISE")
_LOST = 2  # psql's exit code when its connection broke
_REPORT = re.compile(
    r"^(?:psql:(?P<place>.*?:\d+): )?(?P<severity>[^\s:]+):  (?:(?P<state>[0-9A-Z]{5}): )?(?P<text>.*)$"
)
_PARTS = ("DETAIL", "HINT", "CONTEXT", "LOCATION")
_CONTINUED = ("LINE", "QUERY")


@dataclass
class Outcome:
    """How a run of a script ended.

    `sqlstate`, `message`, `detail` and `hint` are Postgres's own for an error, empty otherwise; `place` is where in
    which file psql had it, and `quoted` what a syntax error points at; `notices`
    are the NOTICE and WARNING texts in order; the whole run took `seconds` from `began` on, on the monotonic clock
    (0 where nobody noted it). `context` says where in the script, `location` where in the server's source. `lost` is
    whether the connection broke: then nothing is known of the script.
    """

    succeeded: bool
    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    place: str = ""
    quoted: str = ""
    context: str = ""
    location: str = ""
    lost: bool = False
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0
    began: float = 0.0

    def error(self) -> str:
        """The error as a person reads it, a line a part."""
        # Of a syntax error; where a block that raised one ends is of no use.
        place = f"{Path(self.place).name}: " if self.place and self.quoted else ""
        parts = [place + f"ERROR {self.sqlstate}: {self.message}".replace("  ", " "), *self.quoted.splitlines()]
        parts += [f"{name}: {value}" for name, value in (("DETAIL", self.detail), ("HINT", self.hint)) if value]
        return "\n".join(parts)


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
        self._script = script
        commands = [*(f"--command={one}" for one in before), f"--file={script}", *(f"--command={one}" for one in after)]
        command = [
            psql(), "--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
            "--set=VERBOSITY=verbose", *["--quiet"] * quiet, *commands, f"--dbname={database.libpq_url()}",
        ]  # fmt: skip
        options = " ".join(f"-c {name}={_escaped(value)}" for name, value in (settings or {}).items())
        environ = {**os.environ, "PGCLIENTENCODING": "UTF8", "PGOPTIONS": options, "PGAPPNAME": APPLICATION}
        if database.url.password:
            environ["PGPASSWORD"] = str(database.url.password)
        trail.note(database.name, f"-- psql -f {script.name}")
        self.printed = ""
        self._discreet, self._ours = database.real, ours
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.process.poll() is not None

    def outcome(self, seconds: float | None = None) -> Outcome:
        """Wait for its end; a failure is in the Outcome, not raised. One that hangs is stopped."""
        with progress(f"Running {self._script.name}", silent=SILENT_SECONDS):
            outcome = self._outcome(seconds)
        outcome.began, outcome.seconds = self._started, time.monotonic() - self._started
        return outcome

    def end(self) -> None:
        """End it, and what it runs on the server: a psql that is killed leaves its query there, with its locks."""
        with held():
            self.process.send_signal(signal.SIGINT)  # psql cancels
            try:
                self.process.communicate(timeout=GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()

    def _outcome(self, seconds: float | None) -> Outcome:
        limit = seconds or time_limit.seconds()
        try:
            self.printed, stderr = self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.end()
            if not seconds:
                time_limit.note(self._script)
            return Outcome(False, QUERY_CANCELED, time_limit.reached(limit))
        except BaseException:
            self.end()
            raise
        outcome = parse(stderr, succeeded=self.process.returncode == 0)
        outcome.lost = self.process.returncode == _LOST
        return discreet(outcome, ours=self._ours) if self._discreet else outcome


def _escaped(value: str) -> str:
    """A setting's value as libpq's options take it: a backslash before what would end it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def run_file(
    database: Database, script: Path, settings: Mapping[str, str] | None = None, *, ours: bool = False
) -> Outcome:
    """Run `script` to its end."""
    return Run(database, script, settings, ours=ours).outcome()


def discreet(outcome: Outcome, *, ours: bool = False) -> Outcome:
    """The outcome with only what may be shown of real data: any text may be made of rows, but for a few.

    Shown are what a script of `ours` says itself, and Postgres's own text of errors that quote nothing. A script can
    raise any SQLSTATE with any text: where an error was raised is the server's to say, not the script's.
    """
    if outcome.succeeded:
        return Outcome(succeeded=True)
    if outcome.lost:
        return Outcome(False, outcome.sqlstate, "se perdió la conexión con el servidor", lost=True)
    if ours and _OWN_WORDS.fullmatch(outcome.context):
        return replace(outcome, notices=[], context="")
    if not outcome.sqlstate:
        return Outcome(succeeded=False, message="psql no siguió, y no es un error del servidor")
    function, _, file = outcome.location.partition(", ")
    if quotes_nothing(outcome.sqlstate, function, file):
        return Outcome(False, outcome.sqlstate, outcome.message)
    return Outcome(False, outcome.sqlstate, f"{condition(outcome.sqlstate)} (el texto se omite: puede citar datos)")


def parse(stderr: str, *, succeeded: bool) -> Outcome:
    """Read psql's verbose messages; what it does not recognise goes on from the line before."""
    outcome = Outcome(succeeded)
    part = ""
    for line in stderr.splitlines():
        found = _REPORT.match(line)
        if found and found["state"]:
            part = "notice" if found["state"][:2] in ("00", "01") else "message"
            if part == "notice":
                outcome.notices.append(found["text"])
            else:
                outcome.sqlstate, outcome.message = found["state"], found["text"]
                outcome.place = found["place"] or ""
        elif found and found["severity"] in _PARTS:
            part = found["severity"].lower() if not part.startswith("notice") else "notice detail"
            if not part.startswith("notice"):
                setattr(outcome, part, found["text"])
        elif (found and found["severity"] in _CONTINUED) or line.startswith(_CONTINUED):
            part = "quoted" if line.startswith("LINE") and outcome.sqlstate == SYNTAX_ERROR else ""
            outcome.quoted += line * bool(part)
        elif part in ("message", "detail", "hint", "context", "quoted"):
            setattr(outcome, part, getattr(outcome, part) + "\n" + line)
        elif not outcome.message and not succeeded:
            outcome.message = line.removeprefix("psql: error: ")
    return outcome
