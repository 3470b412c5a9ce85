"""A run as plain data, final and without secrets: every report is a function of it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from steps.support.attachable import Figures
from steps.support.finding import Finding
from steps.support.subject import Subject
from steps.support.traffic.latency import Latency

ASKED, BESIDES = "", "ademas"  # folders below features/


class State(Enum):
    """How a scenario or a step ended; the value is the word a reader gets."""

    PASSED = "pasa"
    BAD = "mal"
    SKIPPED = "se saltó"
    NOT_RUN = "no corrió"

    @property
    def mark(self) -> str:
        """A sign that differs in shape, not only in colour."""
        return {"pasa": "✓", "mal": "✗", "se saltó": "↷"}.get(self.value, "○")


@dataclass(frozen=True)
class Failure:
    """Why something is bad: a line a finding, or an error's own lines; then where in our code."""

    lines: Sequence[str]
    findings: Sequence[Finding] = ()
    trace: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """A step with its end."""

    keyword: str
    text: str
    line: int
    state: State = State.PASSED
    failure: Failure | None = None


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
    hook: Failure | None = None  # of what goes on around its steps
    latency: Latency | None = None

    @property
    def file(self) -> str:
        """The file it is written in."""
        return self.place.rpartition(":")[0]

    @property
    def part(self) -> str:
        """ASKED, BESIDES, or the name of another folder below features/."""
        folder = Path(self.file).parent.name
        return ASKED if folder in ("features", "", ".") else folder

    @property
    def bad_step(self) -> Step | None:
        """The step it ended badly at, if it was a step."""
        return next((step for step in self.steps if step.state is State.BAD), None)

    @property
    def why(self) -> Failure | None:
        """Why it ended badly."""
        return self.bad_step.failure if self.bad_step else self.hook

    @property
    def findings(self) -> Sequence[Finding]:
        """What its checks found."""
        return self.why.findings if self.why else ()


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

    @property
    def written(self) -> list[Scenario]:
        """Every scenario there is, run or not."""
        return [*self.scenarios, *self.unselected]

    @property
    def parts(self) -> list[str]:
        """The parts of which there are scenarios in the run, what the specification asks first."""
        found = {scenario.part for scenario in self.scenarios}
        return sorted(found, key=lambda part: (part != ASKED, part != BESIDES, part))

    @property
    def optional(self) -> bool:
        """Whether the specification asks nothing of its migration."""
        return bool(self.about.subject and self.about.subject.optional)

    def titled(self, part: str) -> str:
        """A part's title for a reader."""
        asked = "Lo que le pedimos a cualquier migración" if self.optional else "Lo que pide la especificación"
        titles = {ASKED: asked, BESIDES: "Lo que le pedimos además a cualquier migración"}
        return titles.get(part, "Lo que promete esta migración")


def anchors(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """By its place, an id for each scenario: its title, so that a link outlives an edit of the file."""
    found: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for one in scenarios:
        slug = re.sub(r"[\W_]+", "-", one.title.lower()).strip("-")
        taken[slug] += 1
        found[one.place] = slug if taken[slug] == 1 else f"{slug}--{taken[slug]}"
    return found
