"""The terminal: a line a scenario, then each failure so that it reads in ten seconds, then one line of counts."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from behave.capture import CaptureSink2Print
from behave.reporter.summary import SummaryReporter

from steps.support.report import terminal
from steps.support.report.changes import changes
from steps.support.report.collector import Collector
from steps.support.report.model import Run
from steps.support.report.status import State
from steps.support.report.verdict import Counts, conclude

CHANGED = {"Ahora fallan": "Newly failing", "Ahora pasan": "Newly passing", "Nuevos": "New", "Ya no están": "Gone"}
TOLD_BY_US = ("before_", "after_", "scenario.", "rule.", "feature.")


class Consola(Collector):
    """`-f consola`, the default."""

    name = "consola"
    description = "a line a scenario, and failures with what to type next (the default)"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self.stream = self.open()
        on_terminal = bool(getattr(self.stream, "isatty", bool)())
        self._ink = terminal.Ink(
            colour=on_terminal and config.has_colored_mode(self.stream) and not os.environ.get("NO_COLOR"),
            width=shutil.get_terminal_size().columns if on_terminal else 0,
            plain=not (getattr(self.stream, "encoding", None) or "utf-8").lower().startswith("utf"),
        )
        self._command = terminal.command(sys.argv[0], config.userdata)
        self._kept = config.userdata.get("keep") in ("failed", "always")
        _quiet(config)

    def feature(self, feature: Any) -> None:
        """Name the feature, unless nothing of it is selected."""
        super().feature(feature)
        if any(scenario.should_run(self.config) for scenario in feature.walk_scenarios()):
            self._say(self._ink.bold(self._ink.folded(feature.name, "", "")))

    def finished(self, scenario: Any) -> None:
        """A line for the scenario that has ended."""
        told = self.reader().scenario(scenario)
        self._say(self._ink.ended(told.state, told.title, told.reason))

    def close(self) -> None:
        """The failures, and the counts."""
        for line in self._left_out():
            self._say(line)
        run = self.told()
        found = conclude(run)
        for block in terminal.failures(run, found.causes, self._ink, self._command, kept=self._kept):
            self._say(block)
        if since := changes(run, found.causes):
            for title, ones in since.lists:
                self._say("\n" + self._ink.bold(f"{CHANGED[title]}: {len(ones)}"))
                self._say("\n".join(f"  {one.place} {one.title}" for one in ones[: terminal.NAMED]))
        self._say(_summary(run, found.counts, self._ink, dry=self.config.dry_run))
        self.close_stream()

    def _left_out(self) -> Iterator[str]:
        """Those skipped before they could begin, a line a reason: a rehearsal leaves out over a hundred for one."""
        reasons: dict[str, list[Any]] = {}
        for feature in self._features:
            for scenario in feature.walk_scenarios():
                if scenario.skip_reason and id(scenario) not in self._begun:
                    reasons.setdefault(scenario.skip_reason, []).append(scenario)
        if reasons:
            yield self._ink.bold("Left out")
        for reason, scenarios in reasons.items():
            files = len({scenario.filename for scenario in scenarios})
            many = f"{len(scenarios)} scenarios of {files} feature{'s' * (files > 1)}"
            yield self._ink.ended(State.SKIPPED, scenarios[0].name if len(scenarios) == 1 else many, reason)

    def _say(self, text: str) -> None:
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        self.stream.flush()


def _summary(run: Run, found: Counts, ink: terminal.Ink, *, dry: bool) -> str:
    noun = "scenario" if found.planned == 1 else "scenarios"
    good = not (found.failed or found.broken)
    if dry and good:
        line = f"{found.planned} {noun}: every step is defined. Nothing was run."
    else:
        numbers = {"passed": found.passed, "failed": found.failed, "in error": found.broken,
                   "skipped": found.skipped, "not run": found.not_run}  # fmt: skip
        parts = ", ".join(f"{number} {word}" for word, number in numbers.items() if number or word == "passed")
        line = f"{found.planned} {noun}: {parts}. {run.seconds:.1f} s"
        good = bool(good and found.passed and not found.not_run)
    return "\n" + ink.coloured(State.PASSED if good else State.FAILED, ink.folded(line, "", ""))


def _quiet(config: Any) -> None:
    """behave would say it again: counts in twelve lines, hook errors with their traceback, skips on stderr."""
    config.reporters[:] = [one for one in config.reporters if not isinstance(one, SummaryReporter)]
    logging.getLogger("behave").setLevel(logging.ERROR)
    # No option of behave's turns this printing off; after_all and the run's cleanups stay loud, for they are
    # of no scenario that we would tell of.
    loud = CaptureSink2Print.should_print

    def should_print(sink: Any, captured: Any) -> bool:
        ours = str(captured.name).startswith(TOLD_BY_US) and not str(captured.name).endswith("_all")
        return bool(loud(sink, captured)) and not ours

    CaptureSink2Print.should_print = should_print
