"""The one collector: behave's model, once it is final, as a Run. Every report is a formatter made of it."""

import os
import time
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from behave.formatter.base import Formatter
from behave.model import Rule
from behave.parser import parse_file

from steps.support import spanish
from steps.support.options import ROOT
from steps.support.postgres.outcome import sqlstate_of
from steps.support.redaction import redacted
from steps.support.report.causes import settled
from steps.support.report.run import About, Failure, Feature, Run, Scenario, State, Step


class Collector(Formatter):  # type: ignore[misc]
    """Reads the run; `about` is what the runner gives before the first feature."""

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self.about = About()
        self._began = datetime.now().astimezone()
        self._clock = time.monotonic()

    def run(self) -> Run:
        """The run; call it when it has ended."""
        features = [read for feature in self.about.features if (read := self._feature(feature)).scenarios]
        there = {one.place for feature in features for one in feature.scenarios}
        parsed = filter(None, (parse_file(str(file)) for file in sorted(Path("features").rglob("*.feature"))))
        written = [self.read(one) for feature in parsed for one in feature.walk_scenarios()]
        unselected = [one for one in written if one.place not in there and not self.about.other_tags & one.tags]
        return settled(Run(features, self.about, self._began, time.monotonic() - self._clock, unselected))

    def read(self, scenario: Any) -> Scenario:
        """One of behave's scenarios, with its end."""
        above = (scenario.parent, getattr(scenario.parent, "parent", None))  # a row's outline, and what that is in
        return Scenario(
            title=scenario.name,
            place=f"{os.path.relpath(scenario.filename)}:{scenario.line}",
            state=_state(scenario),
            steps=[*map(_step, scenario.all_steps), *_around(scenario)],
            tags=frozenset(map(str, scenario.effective_tags)),
            rule=next((one.name for one in above if isinstance(one, Rule)), ""),
            reason=scenario.skip_reason or "",
            seconds=scenario.duration,
            latency=getattr(scenario, "latency", None),
        )

    def _feature(self, feature: Any) -> Feature:
        return Feature(
            title=feature.name,
            file=os.path.relpath(feature.filename),
            scenarios=[self.read(one) for one in feature.walk_scenarios() if self._belongs(one)],
            description=tuple(feature.description),
        )

    def _belongs(self, scenario: Any) -> bool:
        """Whether it was to run, or was skipped for a reason."""
        return bool(scenario.skip_reason) or bool(scenario.should_run(self.config))


def _state(scenario: Any) -> State:
    if any(isinstance(step.exception, KeyboardInterrupt) for step in scenario.all_steps):
        return State.NOT_RUN  # an interruption says nothing of the migration
    if scenario.status.has_failed() or any(step.status.is_undefined() for step in scenario.all_steps):
        return State.BAD
    # A step skips what a table cannot be. What was left out before, for want of a right, did not run.
    if scenario.skip_reason and scenario.duration:
        return State.SKIPPED
    # behave passes a scenario without steps, which proves nothing
    return State.PASSED if scenario.status.is_passed() and any(scenario.all_steps) else State.NOT_RUN


def _step(step: Any) -> Step:
    undefined = step.status.is_undefined()
    broken = step.status.has_failed() and not isinstance(step.exception, KeyboardInterrupt)
    failure = Failure(["Este paso no está definido."]) if undefined else _failure(step.exception) if broken else None
    return Step(
        keyword=spanish.KEYWORDS.get(step.keyword, step.keyword),
        text=step.name,
        line=step.line,
        state=State.BAD if failure else State.PASSED if step.status.is_passed() else State.NOT_RUN,
        failure=failure,
        expects=step.step_type == "then",
    )


def _failure(error: BaseException | None) -> Failure:
    said = redacted(str(error or "")).strip().splitlines() or ["Falló, y no dice por qué."]
    if isinstance(error, AssertionError):
        return Failure(said, getattr(error, "findings", ()))
    refusal = spanish.refusal(sqlstate_of(error))
    said[0] = f"{type(error).__name__}: {said[0]}"
    return Failure([*[f"{refusal}."] * bool(refusal), *said, *_our_calls(error)])


def _around(scenario: Any) -> Iterator[Step]:
    """What a scenario's own hooks and cleanups failed at, as a step."""
    if scenario.hook_failed or scenario.status.name == "cleanup_error":
        said = redacted(scenario.error_message or "La salida de la corrida dice por qué.").strip().splitlines()
        why = Failure(["Falló lo que rodea a los pasos.", *said, *_our_calls(scenario.exception)])
        yield Step("", "lo que rodea a los pasos", scenario.line, State.BAD, why)


def _our_calls(error: BaseException | None) -> list[str]:
    """The last calls within this project: those of libraries say nothing to a reader."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    ours = [one for one in frames if one.filename.startswith(str(ROOT)) and "site-packages" not in one.filename]
    return [f"{os.path.relpath(one.filename)}:{one.lineno} {redacted(one.line or '')}" for one in ours[-4:]]
