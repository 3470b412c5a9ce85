"""Text for a terminal: colours, wrapping, and a failure with what to type next."""

import os
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from steps.support.harness.redaction import redacted
from steps.support.harness.report.model import Run, Scenario
from steps.support.harness.report.status import Failure, State

PLAIN_MARKS = {State.PASSED: "ok", State.SKIPPED: "skip", State.NOT_RUN: "none"}
NARROWEST = 40
OUTPUT_LINES = 12
FULL = 10


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


def failures(run: Run, ink: Ink, command: str, *, kept: bool = False) -> Iterator[str]:
    """A block for each failure; scenarios that failed by the same words share one.

    After ten of them a line each: more are read in the report, or one at a time. `kept` when their databases are.
    """
    if run.about.problem:
        yield "\n" + ink.coloured(State.ERROR, ink.folded(run.about.problem, "", "  "))
        return
    for feature in run.features:
        if feature.failure:
            yield _block(ink, State.ERROR, f"{feature.file}:{feature.line} {feature.title}", "", feature.failure)
    groups = run.alike
    for group in groups[:FULL]:
        yield _of_group(group, ink, command, kept=kept)
    if rest := [scenario for group in groups[FULL:] for scenario in group]:
        yield "\n" + ink.folded(f"{len(rest)} more, each told whole in the report and by -n TITLE:", "", "  ")
        yield "\n".join(_line(scenario) for scenario in rest)


def _line(scenario: Scenario) -> str:
    return f"{scenario.state.name} {scenario.place} {scenario.title}"


def _of_group(group: list[Scenario], ink: Ink, command: str, *, kept: bool) -> str:
    first = group[0]
    step = first.bad_step
    written = f"{step.keyword} {step.text}" if step else ""
    text = _block(ink, first.state, f"{first.place} {first.title}", written, first.why)
    if first.output:
        text += "\n\n" + ink.folded(
            "\n".join(["It printed:", *first.output.splitlines()[-OUTPUT_LINES:]]), "  ", "    "
        )
    if first.state is State.UNDEFINED:
        text += "\n\n" + ink.folded("All phrases there are:  make steps", "  ", "  ")
    else:
        text += f"\n\n  Run it alone:       {command} -n {shlex.quote(pattern(first.title))}"
        if not kept:
            text += "\n" + ink.folded("Open its database:  the same with -D keep=failed", "  ", "  ")
    if len(group) > 1:
        text += "\n\n  The same words in:\n" + "\n".join(f"  {_line(one)}" for one in group[1:])
    return text


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
    given = [f"-D {shlex.quote(redacted(f'{key}={value}'))}" for key, value in userdata.items() if key != "keep"]
    return " ".join([name, *given])
