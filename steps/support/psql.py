"""Runs a SQL file the way a DBA does: `psql -f`, in a process and a session of its own."""

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from steps.support.databases.database import Database
from steps.support.servers.embedded import psql

HANG_SECONDS = 300
QUOTES_ROWS = ("22", "23", "P0001", "44")  # SQLSTATE classes
_REPORT = re.compile(r"^(?:psql:.*?:\d+: )?(?P<severity>[^\s:]+):  (?:(?P<state>[0-9A-Z]{5}): )?(?P<text>.*)$")
_CONTINUED = ("LINE", "QUERY", "CONTEXT", "LOCATION")


@dataclass
class Outcome:
    """How a run of a script ended.

    `sqlstate`, `message`, `detail` and `hint` are Postgres's own for an error, empty otherwise; `notices`
    are the NOTICE and WARNING texts in order; `seconds` is the time the whole run took.
    """

    succeeded: bool
    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def error(self) -> str:
        """The error as a person reads it, a line a part."""
        parts = [f"ERROR {self.sqlstate}: {self.message}".replace("  ", " ")]
        parts += [f"{name}: {value}" for name, value in (("DETAIL", self.detail), ("HINT", self.hint)) if value]
        return "\n".join(parts)


def run_file(database: Database, script: Path, settings: dict[str, str] | None = None) -> Outcome:
    """Run `script` on `database` with session `settings`; a failure is in the Outcome, not raised."""
    return run(database, [f"--file={script}"], settings)[0]


def run(
    database: Database, what: list[str], settings: dict[str, str] | None = None, *, quiet: bool = True
) -> tuple[Outcome, str]:
    """Run psql with the --file and --command arguments `what`, all in one session; returns what it printed too."""
    started = time.monotonic()
    with start(database, what, settings, quiet=quiet) as process:
        try:
            stdout, stderr = process.communicate(timeout=HANG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return Outcome(
                False, message=f"no end after {HANG_SECONDS} s; the run was stopped", seconds=HANG_SECONDS
            ), ""
        except BaseException:
            process.kill()
            raise
    outcome = parse(stderr, succeeded=process.returncode == 0)
    if database.real:
        outcome = discreet(outcome)
    outcome.seconds = time.monotonic() - started
    return outcome, stdout


def start(
    database: Database, what: list[str], settings: dict[str, str] | None = None, *, quiet: bool = True
) -> subprocess.Popen[str]:
    """Start psql in the background, its output in pipes; results unaligned, without headings."""
    command = [
        psql(), "--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
        "--set=VERBOSITY=verbose", *(["--quiet"] if quiet else []), *what, f"--dbname={database.libpq_url()}",
    ]  # fmt: skip
    options = " ".join(f"-c {name}={value}" for name, value in (settings or {}).items())
    environ = {**os.environ, "PGCLIENTENCODING": "UTF8", "PGOPTIONS": options}
    if database.url.password:
        environ["PGPASSWORD"] = str(database.url.password)
    return subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def discreet(outcome: Outcome) -> Outcome:
    """The outcome without what may quote a row: texts of data and integrity errors, or of a script's own making."""
    if outcome.succeeded or not outcome.sqlstate.startswith(QUOTES_ROWS):
        return Outcome(outcome.succeeded, outcome.sqlstate, outcome.message, outcome.detail, outcome.hint)
    return Outcome(False, outcome.sqlstate, "(el texto se omite: puede citar datos de un paciente)")


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
        elif found and found["severity"] in ("DETAIL", "HINT"):
            part = found["severity"].lower() if part != "notice" else "notice detail"
            if part in ("detail", "hint"):
                setattr(outcome, part, found["text"])
        elif (found and found["severity"] in _CONTINUED) or line.startswith(_CONTINUED):
            part = ""
        elif part in ("message", "detail", "hint"):
            setattr(outcome, part, getattr(outcome, part) + "\n" + line)
        elif not outcome.message and not succeeded:
            outcome.message = line.removeprefix("psql: error: ")
    return outcome
