"""How a run of a script ended, read from what psql said; of real data only what may be shown."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from psycopg2.errorcodes import SYNTAX_ERROR

from steps.support.discretion import condition
from steps.support.finding import Finding, Kind
from steps.support.unmet import Unmet

_OWN_WORDS = re.compile(r"PL/pgSQL function inline_code_block line \d+ at RAISE")
_REPORT = re.compile(
    r"^(?:psql:(?P<place>.*?:\d+): )?(?P<severity>[^\s:]+):  (?:(?P<state>[0-9A-Z]{5}): )?(?P<text>.*)$"
)
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\d{6,}")  # in a default that it names
_PARTS = ("DETAIL", "HINT", "CONTEXT")
_CONTINUED = ("LINE", "QUERY", "LOCATION")


@dataclass
class Outcome:
    """How a run of a script ended.

    `sqlstate`, `message`, `detail` and `hint` are Postgres's own for an error, empty otherwise; `place` is where in
    which file psql had it, and `quoted` what a syntax error points at; `notices`
    are the NOTICE and WARNING texts in order; the whole run took `seconds` from `began` on, on the monotonic clock
    (0 if not measured). `context` says where in the script. `lost` is whether the connection broke: then nothing is
    known of the script.
    """

    succeeded: bool
    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    place: str = ""
    quoted: str = ""
    context: str = ""
    lost: bool = False
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0
    began: float = 0.0

    def expect_success(self, script: str) -> None:
        """Raise Unmet when the run of `script` failed; ConnectionError when the server went away under it."""
        if self.lost:
            raise ConnectionError(f"the server went away while {script} ran")  # says nothing of the script
        if not self.succeeded:
            raise Unmet([Finding(Kind.SCRIPT_FAILED, name=script, after=self.error(), what=self.sqlstate)])

    def error(self) -> str:
        """The error as a person reads it, a line a part."""
        # Of a syntax error; where a block that raised one ends is of no use.
        place = f"{Path(self.place).name}: " if self.place and self.quoted else ""
        parts = [place + f"ERROR {self.sqlstate}: {self.message}".replace("  ", " "), *self.quoted.splitlines()]
        parts += [f"{name}: {value}" for name, value in (("DETAIL", self.detail), ("HINT", self.hint)) if value]
        return "\n".join(parts)


def redacted(outcome: Outcome, *, ours: bool = False) -> Outcome:
    """Only what may be shown of real data: any text may quote rows, but what a script of `ours` says itself."""
    if outcome.succeeded:
        return Outcome(succeeded=True)
    if outcome.lost:
        return Outcome(False, outcome.sqlstate, "se perdió la conexión con el servidor", lost=True)
    if ours and _OWN_WORDS.fullmatch(outcome.context):
        for part in ("message", "detail", "hint"):
            setattr(outcome, part, _CONSTANT.sub("…", getattr(outcome, part)))
        return replace(outcome, notices=[], context="")
    if not outcome.sqlstate:
        return Outcome(succeeded=False, message="psql no siguió, y no es un error del servidor")
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
