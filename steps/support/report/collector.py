"""The formatter the others are made of: gathers a run as behave reports it, for when all of it is final."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from behave.formatter.base import Formatter

from steps.support.attachable import Figures
from steps.support.report.from_behave import Reader, relative
from steps.support.report.model import About, Run
from steps.support.report.step import Attachment


class Collector(Formatter):  # type: ignore[misc]
    """Remembers what was run and what was attached to it.

    behave reports a scenario before its hooks and tells a step's end at once, but a scenario's end is final
    only when the next one begins, or its feature ends.
    """

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self.about = About()
        self.rehearsals: Sequence[Figures] = ()
        self._features: list[Any] = []
        self._begun: set[int] = set()
        self._attached: dict[tuple[int, int], list[Attachment]] = defaultdict(list)
        self._pending: list[Attachment] = []
        self._scenario: Any = None
        self._in_step = False
        self._began = datetime.now().astimezone()
        self._clock = time.monotonic()

    def hear(self, about: About) -> None:
        """The runner tells what it knows, before the first feature."""
        self.about = about

    def feature(self, feature: Any) -> None:
        """A feature begins."""
        self._features.append(feature)

    def scenario(self, scenario: Any) -> None:
        """A scenario begins; the one before it is final."""
        self._turn(scenario)
        if scenario.should_run(self.config):  # with --show-skipped, behave reports the others too
            self._begun.add(id(scenario))

    def match(self, _match: Any) -> None:
        """A step begins."""
        self._in_step = True

    def result(self, step: Any) -> None:
        """A step has ended."""
        self._attached[id(self._scenario), id(step)] += self._pending
        self._pending = []
        self._in_step = False

    def embedding(self, mime_type: str, data: bytes | str) -> None:
        """Something is attached: to the step at hand, else to the scenario."""
        one = Attachment(mime_type, data.encode() if isinstance(data, str) else data)
        if self._in_step:
            self._pending.append(one)
        else:
            self._attached[id(self._scenario), 0].append(one)

    def eof(self) -> None:
        """A feature has ended."""
        self._turn(None)

    def reader(self) -> Reader:
        """A reader of what was run."""
        return Reader(self._belongs, self._attached, self.about.subjects)

    def told(self) -> Run:
        """The whole run; call it when it has ended."""
        read = [self.reader().chapter(feature) for feature in self._features]
        return Run(
            features=[feature for feature in read if feature.items],
            about=self.about,
            began=self._began,
            seconds=time.monotonic() - self._clock,
            rehearsals=self.rehearsals,
            known=frozenset(
                (relative(one.filename), one.name) for feature in self._features for one in feature.walk_scenarios()
            ),
        )

    def finished(self, scenario: Any) -> None:
        """A scenario is final. For those who tell it at once."""

    def _turn(self, scenario: Any) -> None:
        before, self._scenario = self._scenario, scenario
        if before is not None and id(before) in self._begun:
            self.finished(before)

    def _belongs(self, scenario: Any) -> bool:
        """Begun; skipped with a reason before it began; or selected and never reached."""
        if id(scenario) in self._begun or scenario.skip_reason:
            return True
        selected = scenario.should_run_with_tags(self.config.tag_expression) and (
            scenario.should_run_with_name_select(self.config)
        )
        return bool(selected) and scenario.status.is_untested()
