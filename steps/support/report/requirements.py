"""What the specifications ask for, and what a run says of it.

Red: a check found what the requirement asks otherwise. Grey: another failure hid it, or not all of it ran.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.support.report.causes import Key, key
from steps.support.report.run import ASKED, BESIDES, Run, Scenario, State
from steps.support.subject import Requirement, Subject

WORDS = {State.PASSED: "se cumple", State.BAD: "no se cumple", State.NOT_RUN: "no se pudo probar"}


@dataclass(frozen=True)
class Proof:
    """A requirement of a subject, and the scenarios that prove it, run or not."""

    subject: Subject
    requirement: Requirement
    scenarios: Sequence[Scenario]
    elsewhere: frozenset[Key] = frozenset()  # what other scenarios of what the specification asks found

    @property
    def state(self) -> State:
        """PASSED, BAD, or NOT_RUN for grey."""
        asks, alone = self.requirement.asks, self.requirement.alone
        found = [one for scenario in self.scenarios for one in scenario.findings]
        if any(one.kind in asks or (one.kind in alone and key(one) not in self.elsewhere) for one in found):
            return State.BAD
        states = {one.state for one in self.scenarios}
        whole = State.PASSED in states and states <= {State.PASSED, State.SKIPPED}
        return State.PASSED if whole else State.NOT_RUN

    @property
    def word(self) -> str:
        """The state as said of a requirement; of one of which nothing ran too."""
        if self.state is State.NOT_RUN and not any(one.state in (State.PASSED, State.BAD) for one in self.scenarios):
            return "no se probó"
        return WORDS[self.state]

    @property
    def part(self) -> str:
        """The part of the run it is told in."""
        if self.subject.optional:
            return self.subject.name.lower()
        return ASKED if self.requirement.section[0].isdigit() else BESIDES

    @property
    def count(self) -> str:
        """How many of its scenarios passed, such as '3 de 4 escenarios pasan'."""
        asked = [one.state for one in self.scenarios if one.state is not State.SKIPPED]
        nouns = "escenario pasa" if len(asked) == 1 else "escenarios pasan"
        return f"{asked.count(State.PASSED)} de {len(asked)} {nouns}"


def proofs(run: Run) -> list[Proof]:
    """Every requirement of the migrations that the run is about, in the order of the specifications."""
    about = {one.subject for one in run.scenarios}
    asked = [one for one in run.scenarios if one.part == ASKED]
    return [
        Proof(
            subject,
            one,
            scenarios,
            frozenset(key(each) for other in asked if one.tag not in other.tags for each in other.findings),
        )
        for subject in run.about.subjects
        if subject.tag in about
        for one in subject.requirements
        if (scenarios := [each for each in run.written if each.subject == subject.tag and one.tag in each.tags])
    ]
