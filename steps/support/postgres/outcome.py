"""How a run of a script ended, read from what psql said; of real data only what may be shown."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from psycopg2 import errorcodes
from psycopg2.errorcodes import SYNTAX_ERROR

from steps.support.finding import Finding, Kind
from steps.support.unmet import Unmet

_OWN_WORDS = re.compile(r"PL/pgSQL function inline_code_block line \d+ at RAISE")
# How one begins: a message, with its place and SQLSTATE; another part of it; an error of psql's own.
_PART = re.compile(
    r"^(?:(?:psql:(.*?:\d+): )?[^\s:]+:  ([0-9A-Z]{5}): |([A-Z]+(?: NAME)?):  |psql:(?:.*?:\d+:)? error: )", re.M
)
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\d{6,}")  # in a default that it names
_PARTS = ("DETAIL", "HINT", "CONTEXT")


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
        # Only a syntax error has a useful place: of a block psql gives its last line.
        place = f"{Path(self.place).name}: " if self.place and self.quoted else ""
        parts = [f"{place}ERROR {self.sqlstate}".rstrip() + f": {self.message}", *self.quoted.splitlines()]
        parts += [f"{name}: {value}" for name, value in (("DETAIL", self.detail), ("HINT", self.hint)) if value]
        return "\n".join(parts)


def condition(sqlstate: str) -> str:
    """What Postgres calls a SQLSTATE, such as undefined_column."""
    try:
        return str(errorcodes.lookup(sqlstate)).lower()
    except KeyError:
        return "código propio del script"


def sqlstate_of(error: BaseException | None) -> str:
    """The SQLSTATE of an error that SQLAlchemy wraps; empty where there is none."""
    return getattr(getattr(error, "orig", None), "pgcode", None) or ""


def code_of(error: Exception) -> str:
    """What may be shown of an error on real data, whose text may quote a row: its SQLSTATE and its name."""
    code = sqlstate_of(error)
    return f"{code} {condition(code)}" if code else "la conexión se cortó"


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
    """Read psql's verbose messages, whose words are English."""
    outcome, notice = Outcome(succeeded), False
    first, *pieces = _PART.split(stderr)
    outcome.message = "" if succeeded else first.strip()
    for place, state, word, text in zip(*[iter(pieces)] * 4, strict=True):
        said, _, line = text.rstrip("\n").partition("\nLINE ")
        if state:
            notice = state[:2] in ("00", "01")
        if state and notice:
            outcome.notices.append(said)
        elif state:
            outcome.sqlstate, outcome.message, outcome.place = state, said, place or ""
            outcome.quoted = f"LINE {line}" if state == SYNTAX_ERROR and line else ""
        elif not word and not succeeded and not outcome.message:
            outcome.message = said
        elif word in _PARTS and not notice:
            setattr(outcome, word.lower(), said)
    return outcome
