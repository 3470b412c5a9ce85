"""A run as plain data, final and without secrets: every report is a function of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from steps.support.finding import Figures, Finding
from steps.support.subject import Subject
from steps.support.traffic.latency import Latency

ASKED, BESIDES = "", "ademas"  # folders below features/


class State(Enum):
    """How a scenario or a step ended: the words for one and for several, and a sign that is not only a colour."""

    PASSED = "pasa", "pasan", "✓"
    BAD = "está mal", "están mal", "✗"
    HIDDEN = "no se pudo probar", "no se pudieron probar", "○"  # for another failure
    SKIPPED = "se saltó", "se saltaron", "↷"
    NOT_RUN = "no corrió", "no corrieron", "◌"

    def __init__(self, one: str, many: str, mark: str) -> None:
        self.one, self.many, self.mark = one, many, mark


@dataclass(frozen=True)
class Failure:
    """Why something is bad: a line a finding, or an error's own lines and where in our code it was raised."""

    lines: Sequence[str]
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Step:
    """A step with its end."""

    keyword: str
    text: str
    line: int
    state: State = State.PASSED
    failure: Failure | None = None
    expects: bool = False  # a Then: of one that failed its text is not what happened

    @property
    def lead(self) -> str:
        """What a reader gets before the text."""
        if self.state is not State.BAD:
            return self.keyword
        return "Se esperaba:" if self.expects else f"Falló: {self.keyword}"


@dataclass(frozen=True)
class Scenario:
    """A scenario, or one row of an outline, with its end."""

    title: str
    place: str  # file:line
    state: State
    steps: Sequence[Step] = ()
    tags: frozenset[str] = frozenset()
    rule: str = ""
    reason: str = ""  # why it was skipped
    seconds: float = 0.0
    latency: Latency | None = None

    @property
    def file(self) -> str:
        """The file it is written in."""
        return self.place.rpartition(":")[0]

    @property
    def anchor(self) -> str:
        """Its id in a page: of its title, so that a link outlives an edit of the file."""
        return re.sub(r"[\W_]+", "-", self.title.lower()).strip("-")

    @property
    def part(self) -> str:
        """ASKED, BESIDES, or the name of another folder below features/."""
        folder = Path(self.file).parent.name
        return ASKED if folder in ("features", "", ".") else folder

    @property
    def bad_step(self) -> Step | None:
        """The step it ended badly at."""
        return next((step for step in self.steps if step.state is State.BAD), None)

    @property
    def why(self) -> Failure:
        """Why it ended badly."""
        return (self.bad_step and self.bad_step.failure) or Failure([self.title])


@dataclass(frozen=True)
class Feature:
    """A feature as written, with the scenarios of it that were selected or skipped for a reason."""

    title: str
    file: str
    scenarios: Sequence[Scenario]
    description: Sequence[str] = ()


@dataclass(frozen=True)
class About:
    """What only the runner knows of a run.

    `subject` is the migration under acceptance, `script` its file with that file's `checksum`. `problem` says in one
    line why there is no server. `features` are behave's.
    """

    title: str = ""
    subject: Subject | None = None
    postgres: str = ""
    script: str = ""
    checksum: str = ""
    problem: str = ""
    features: Sequence[Any] = ()
    rehearsal: Figures | None = None
    other_tags: frozenset[str] = frozenset()  # of scenarios about other migrations


@dataclass(frozen=True)
class Run:
    """A whole run. `unselected` are the scenarios that are written and were not to run."""

    features: Sequence[Feature]
    about: About
    began: datetime
    seconds: float
    unselected: Sequence[Scenario] = ()

    @property
    def scenarios(self) -> list[Scenario]:
        """Every scenario of the run, in the order of the files."""
        return [scenario for feature in self.features for scenario in feature.scenarios]

    def those(self, state: State) -> list[Scenario]:
        """The scenarios that ended so."""
        return [one for one in self.scenarios if one.state is state]

    @property
    def written(self) -> list[Scenario]:
        """Every scenario there is, run or not."""
        return [*self.scenarios, *self.unselected]

    @property
    def optional(self) -> bool:
        """Whether the specification asks nothing of its migration."""
        return bool(self.about.subject and self.about.subject.optional)

    def titled(self, part: str) -> str:
        """A part's title for a reader."""
        asked = "Lo que le pedimos a cualquier migración" if self.optional else "Lo que pide la especificación"
        titles = {ASKED: asked, BESIDES: "Lo que pedimos además para ir a producción"}
        return titles.get(part, "Lo que promete esta migración")
