"""The terminal: a line a scenario, then each cause with what to type next; the verdict is the last line."""

import logging
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from steps.support import spanish
from steps.support.redaction import redacted
from steps.support.report.causes import Cause
from steps.support.report.collect import Collector
from steps.support.report.run import Run, Scenario, State
from steps.support.report.verdict import Verdict, conclude

MOST = 10  # scenarios of one cause
COLOURS = {State.PASSED: "32", State.BAD: "31"}


class Terminal(Collector):
    """`-f consola`, the default."""

    name = "consola"
    description = "a line a scenario, and causes with what to type next (the default)"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self.stream = self.open()
        on_terminal = bool(getattr(self.stream, "isatty", bool)())
        self._colour = on_terminal and config.has_colored_mode(self.stream) and not os.environ.get("NO_COLOR")
        self._command = command(sys.argv[0], config.userdata)
        self._scenario: Any = None
        logging.getLogger("behave").setLevel(logging.ERROR)  # it says each skip again

    def feature(self, feature: Any) -> None:
        """Name the feature, unless nothing of it is to run."""
        if any(scenario.should_run(self.config) for scenario in feature.walk_scenarios()):
            self._say(feature.name)

    def scenario(self, scenario: Any) -> None:
        """A scenario begins: the one before it is final only now."""
        self._turn(scenario)

    def eof(self) -> None:
        """A feature has ended."""
        self._turn(None)

    def close(self) -> None:
        """The causes, and the verdict."""
        run = self.run()
        found = conclude(run)
        for line in failures(run, found, self._command):
            self._say(line)
        last = f"{found.sentence} {found.production} ({found.counts}; {spanish.duration(run.seconds)})"
        if not run.about.rehearsal:  # of which the runner says the verdict, with all that was measured
            self._say(f"\n{self._ink(found.state, last)}")
        if self.stream is not sys.stdout:
            print(last)  # with -o alone the terminal would show nothing
        self.close_stream()

    def _turn(self, scenario: Any) -> None:
        before, self._scenario = self._scenario, scenario
        if before is not None and self._belongs(before):
            one = self.read(before)
            self._say(self._ink(one.state, f"  {one.state.mark} {one.title}{': ' * bool(one.reason)}{one.reason}"))

    def _ink(self, state: State, text: str) -> str:
        return f"\x1b[{COLOURS.get(state, '33')}m{text}\x1b[0m" if self._colour else text

    def _say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)


def failures(run: Run, found: Verdict, command: str) -> Iterator[str]:
    """What kept the run from good news, as lines: what was left out, and each cause with how to run it alone."""
    if run.about.problem:
        return  # the runner has said it
    for reason, number in Counter(one.reason for one in run.scenarios if one.reason).items():
        yield f"\n↷ {number} {State.SKIPPED.one if number == 1 else State.SKIPPED.many}: {reason}"
    for cause in found.causes:
        yield from _of(cause, command)
    if hidden := run.those(State.HIDDEN):
        yield f"\nOtra falla impidió probar {len(hidden)} más:"
        yield from _places(hidden)


def _of(cause: Cause, command: str) -> Iterator[str]:
    first = cause.first
    yield f"\n✗ {cause.sentence[:1].upper()}{cause.sentence[1:]}"
    yield f"  {first.place} {first.title}"
    if first.bad_step:
        yield f"  {first.bad_step.lead} {first.bad_step.text}"
    yield from (f"    {line}" for line in cause.more)
    if others := cause.scenarios[1:]:
        yield f"  También {'caen' if len(others) > 1 else 'cae'} por esto:"
        yield from _places(others)
    pattern = re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", first.title)
    yield f"  Run it alone: {command} -n {shlex.quote(f'^{pattern}$')}"


def _places(scenarios: Sequence[Scenario]) -> Iterator[str]:
    yield from (f"    {one.place} {one.title}" for one in scenarios[:MOST])
    if len(scenarios) > MOST:
        yield f"    … y {len(scenarios) - MOST} más"


def command(argv0: str, userdata: Mapping[str, object]) -> str:
    """How this run was called, with its -D options but for secrets, to be called again."""
    name = "python -m behave" if argv0.endswith("__main__.py") else os.path.relpath(argv0)
    given = [f"-D {shlex.quote(redacted(f'{key}={value}'))}" for key, value in userdata.items() if key != "keep"]
    return " ".join([name, *given])
