"""A run as it is told, whoever tells it: plain data, final, without behave and without secrets."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from steps.support.attachable import Figures
from steps.support.report.kept import Result
from steps.support.report.status import Failure, State, of_all
from steps.support.report.step import Attachment, Step
from steps.support.subject import Subject


@dataclass(frozen=True)
class Scenario:
    """A scenario, or one row of an outline, with its end."""

    title: str
    file: str
    line: int
    state: State
    steps: Sequence[Step]
    description: Sequence[str] = ()
    tags: Sequence[str] = ()
    all_tags: frozenset[str] = frozenset()
    subject: str = ""  # the name of the migration it is about
    reason: str = ""
    failure: Failure | None = None  # of a hook or a cleanup
    output: str = ""
    attachments: Sequence[Attachment] = ()

    @property
    def place(self) -> str:
        """Where it is written: file:line."""
        return f"{self.file}:{self.line}"

    @property
    def anchor(self) -> str:
        """An id of its own within a report."""
        return "e-" + "".join(letter if letter.isalnum() else "-" for letter in self.place)

    @property
    def seconds(self) -> float:
        """The time its steps took."""
        return sum(step.seconds for step in self.steps)

    @property
    def bad_step(self) -> Step | None:
        """The step it ended badly at, if it was a step."""
        return next((step for step in self.steps if step.state.bad), None)

    @property
    def why(self) -> Failure | None:
        """The failure to show first."""
        step = self.bad_step
        return step.failure if step and step.failure else self.failure


@dataclass(frozen=True)
class Examples:
    """One Examples table, a scenario a row."""

    title: str
    headings: Sequence[str]
    rows: Sequence[tuple[Sequence[str], Scenario]]
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class Outline:
    """A Scenario Outline as written, with its rows' ends."""

    title: str
    steps: Sequence[Step]
    examples: Sequence[Examples]
    description: Sequence[str] = ()
    tags: Sequence[str] = ()

    @property
    def sentence(self) -> str:
        """What all rows promise, for a reader: the first line of its description, where the title needs a row."""
        if "<" not in self.title:
            return self.title
        return next((line for line in self.description if line), re.sub("<[^>]*>", "…", self.title))

    @property
    def scenarios(self) -> list[Scenario]:
        """A scenario a row."""
        return [scenario for examples in self.examples for _, scenario in examples.rows]

    @property
    def state(self) -> State:
        """What its rows come to."""
        return of_all(scenario.state for scenario in self.scenarios)


@dataclass(frozen=True)
class Background:
    """What every scenario of a feature or rule begins with, as written."""

    title: str
    steps: Sequence[Step]


@dataclass(frozen=True)
class Chapter:
    """A Feature, or a Rule within one; `failure` is of its own hooks or cleanups."""

    title: str
    items: Sequence["Scenario | Outline | Chapter"]
    description: Sequence[str] = ()
    tags: Sequence[str] = ()
    background: Background | None = None
    failure: Failure | None = None
    file: str = ""
    line: int = 0

    def written(self) -> Iterator[Scenario | Outline]:
        """Every scenario and outline, in order, those of its rules too."""
        for item in self.items:
            if isinstance(item, Chapter):
                yield from item.written()
            else:
                yield item

    def scenarios(self) -> Iterator[Scenario]:
        """Every scenario and row, in order."""
        for item in self.written():
            yield from item.scenarios if isinstance(item, Outline) else [item]


@dataclass(frozen=True)
class Script:
    """A script that was run: its path, and its SHA-256."""

    path: str
    checksum: str


@dataclass(frozen=True)
class About:
    """What only the runner knows of a run: what is under acceptance, its server, how many scenarios were selected."""

    title: str = ""
    subjects: Sequence[Subject] = ()
    postgres: str = ""
    scripts: Sequence[Script] = ()
    problem: str = ""
    planned: int = 0
    previous: Result | None = None  # what this run is compared with


@dataclass(frozen=True)
class Run:
    """A whole run."""

    features: Sequence[Chapter]
    about: About
    began: datetime
    seconds: float
    rehearsals: Sequence[Figures] = ()
    known: frozenset[tuple[str, str]] = frozenset()  # files and titles of all that is written, selected or not

    @property
    def scenarios(self) -> list[Scenario]:
        """Every scenario and row of the run, in order."""
        return [scenario for feature in self.features for scenario in feature.scenarios()]
