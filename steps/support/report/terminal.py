"""Text for a terminal: colours, wrapping, and a failure with what to type next."""

import os
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from steps.support.redaction import redacted
from steps.support.report.causes import Cause
from steps.support.report.model import Run, Scenario
from steps.support.report.status import Failure, State

PLAIN_MARKS = {State.PASSED: "ok", State.SKIPPED: "skip", State.NOT_RUN: "none"}
NARROWEST = 40
OUTPUT_LINES = 12
FULL = 10  # causes told whole
NAMED = 5  # scenarios that fell with another
LISTED = 12
HERS = ("keep", "result", "previous")  # options that are of one run alone


@dataclass(frozen=True)
class Ink:
    """How to write: with colour or without, wrapped at `width` (0: never), `plain` where there is no UTF-8."""

    colour: bool = False
    width: int = 0
    plain: bool = False

    def bold(self, text: str) -> str:
        """Text that stands out."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def coloured(self, state: State, text: str) -> str:
        """Text in the colour of a state."""
        code = "31" if state.bad else "32" if state is State.PASSED else "33"
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def ended(self, state: State, title: str, reason: str) -> str:
        """The line of a scenario that has ended."""
        mark = PLAIN_MARKS.get(state, "FAIL") if self.plain else state.mark
        word = "" if state is State.PASSED else f" [{state.name.lower().replace('_', ' ')}]"
        line = self.folded(f"{title}{word}{': ' + reason if reason else ''}", f"  {mark} ", "    ")
        return self.coloured(state, line) if state is not State.PASSED else line

    def folded(self, text: str, first: str, rest: str) -> str:
        """Text indented, and wrapped on a terminal."""
        lines: list[str] = []
        for number, line in enumerate(text.splitlines() or [""]):
            margin = first if number == 0 else rest
            own = rest + " " * (len(line) - len(line.lstrip())) + "  "
            wide = self.width and max(self.width, NARROWEST)
            pieces = textwrap.wrap(line, wide, initial_indent=margin, subsequent_indent=own,
                                   drop_whitespace=True) if wide else [margin + line]  # fmt: skip
            lines += [piece.rstrip() for piece in pieces]
        return "\n".join(lines)


def failures(run: Run, causes: Sequence[Cause], ink: Ink, command: str, *, kept: bool = False) -> Iterator[str]:
    """A block for each of the first ten causes, then a list of all, and what to type next; `kept`: databases are."""
    if run.about.problem:
        yield "\n" + ink.coloured(State.ERROR, ink.folded(run.about.problem, "", "  "))
        return
    for feature in run.features:
        if feature.failure:
            yield _block(ink, State.ERROR, f"{feature.file}:{feature.line} {feature.title}", "", feature.failure)
    for cause in causes[:FULL]:
        yield _of_cause(cause, ink)
    if causes:
        yield "\n" + _last_screen(causes, ink, command, kept=kept)


def _of_cause(cause: Cause, ink: Ink) -> str:
    first = cause.first
    step = first.bad_step
    written = f"{step.keyword} {step.text}" if step else ""
    text = _block(ink, first.state, f"{first.place} {first.title}", written, first.why)
    if first.output:
        text += "\n\n" + ink.folded(
            "\n".join(["It printed:", *first.output.splitlines()[-OUTPUT_LINES:]]), "  ", "    "
        )
    if cause.others:
        rest = len(cause.others) - NAMED
        lines = [f"  {_line(one)}" for one in cause.others[:NAMED]] + [f"  and {rest} more"] * (rest > 0)
        text += "\n\n  Fell with it:\n" + "\n".join(lines)
    return text


def _last_screen(causes: Sequence[Cause], ink: Ink, command: str, *, kept: bool) -> str:
    """What is wrong, a line a cause, and how to go on with the first."""
    lines = [ink.bold("1 cause" if len(causes) == 1 else f"{len(causes)} causes")]
    for number, cause in enumerate(causes[:LISTED], 1):
        many = f" ({len(cause.scenarios)} scenarios)" if cause.others else ""
        lines.append(ink.folded(f"{cause.sentence}{many}", f"  {number}. ", "     "))
    lines += [f"  and {len(causes) - LISTED} more, in the report"] * (len(causes) > LISTED)
    first = causes[0].first
    if first.state is State.UNDEFINED:
        return "\n".join([*lines, ink.folded("All phrases there are:  make steps", "", "  ")])
    lines.append(f"Run the first alone:  {command} -n {shlex.quote(f'^{pattern(first.title)}$')}")
    if not kept:
        lines.append(ink.folded("Open its database:    the same with -D keep=failed", "", "  "))
    return "\n".join(lines)


def _line(scenario: Scenario) -> str:
    return f"{scenario.state.name} {scenario.place} {scenario.title}"


def _block(ink: Ink, state: State, where: str, step: str, why: Failure | None) -> str:
    head = ink.coloured(state, ink.bold(ink.folded(f"{state.name} {where}", "", "  ")))
    lines = ["", head]
    lines += [ink.folded(step, "  ", "    ")] * bool(step)
    if why:
        lines.append(ink.folded(why.text, "    ", "    "))
    if why and why.trace:
        lines += ["", ink.folded(_last_calls(why.trace), "    ", "    ")]
    return "\n".join(lines)


def _last_calls(trace: str) -> str:
    """Of a traceback, the calls within this project: the framework's tell nobody anything."""
    calls = re.findall(r'^  File "(.*?)", line (\d+), in (\S+)\n((?:    .*\n)?)', trace + "\n", re.M)
    here = str(Path.cwd())
    ours = [
        f"{file.removeprefix(here + '/')}:{line} in {name}{': ' + code.strip() if code.strip() else ''}"
        for file, line, name, code in calls
        if "site-packages" not in file and (file.startswith(here) or not file.startswith(("/", "<")))
    ]
    return "\n".join(ours[-4:])


def pattern(title: str) -> str:
    """The `-n` argument that selects this title; behave takes a regular expression."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", title)


def command(argv0: str, userdata: Mapping[str, object]) -> str:
    """How this run was called, with its -D options but for secrets, to be called again."""
    path = Path(argv0)
    if path.name == "__main__.py":
        name = f"{Path(sys.executable).name} -m behave"
    else:
        name = os.path.relpath(argv0) if path.resolve().is_relative_to(Path.cwd()) else path.name
    given = [f"-D {shlex.quote(redacted(f'{key}={value}'))}" for key, value in userdata.items() if key not in HERS]
    return " ".join([name, *given])
