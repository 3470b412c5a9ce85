"""What is asked, and what a run says of it: the specification's requirements, and each feature of what we ask besides.

Red: a check found what is asked otherwise. Grey: another failure hid it, or not all of it ran.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from steps.support.report.causes import counting, key
from steps.support.report.run import ASKED, Run, Scenario, State


@dataclass(frozen=True)
class Proof:
    """Something asked, in words, with the scenarios that prove it, run or not, and those of them that refute it."""

    text: str
    part: str
    scenarios: Sequence[Scenario]
    against: Sequence[Scenario]
    section: str = ""  # of the specification

    @property
    def state(self) -> State:
        """PASSED, BAD, or for grey HIDDEN by another failure, or NOT_RUN when not all of it ran."""
        states = {one.state for one in self.scenarios}
        if self.against:
            return State.BAD
        if states & {State.BAD, State.HIDDEN}:
            return State.HIDDEN
        return State.PASSED if State.PASSED in states <= {State.PASSED, State.SKIPPED} else State.NOT_RUN

    @property
    def word(self) -> str:
        """The state in words."""
        whole = " entero" * any(one.state is State.PASSED for one in self.scenarios)
        words = {State.PASSED: "se cumple", State.BAD: "no se cumple", State.HIDDEN: State.HIDDEN.one}
        return words.get(self.state, f"no se probó{whole}")

    @property
    def count(self) -> str:
        """How many of its scenarios passed, such as '3 de 4 escenarios pasan'."""
        asked = [one.state for one in self.scenarios if one.state is not State.SKIPPED]
        nouns = "escenario pasa" if len(asked) == 1 else "escenarios pasan"
        return f"{asked.count(State.PASSED)} de {len(asked)} {nouns}"


def proofs(run: Run) -> Iterator[Proof]:
    """All that is asked of the run's migration: by section, then by feature."""
    asked = [one for one in run.written if one.part == ASKED]
    found = counting(run.scenarios)
    for requirement in run.about.subject.requirements if run.about.subject else ():
        if its_own := [one for one in asked if requirement.tag in one.tags]:
            elsewhere = {key(each) for one, each in found if one.part == ASKED and requirement.tag not in one.tags}
            against = [
                one
                for one, each in found
                if one.part == ASKED and requirement.tag in one.tags
                if each.kind in requirement.asks or (each.kind in requirement.alone and key(each) not in elsewhere)
            ]
            yield Proof(requirement.text, ASKED, its_own, against, requirement.section)
    for feature in run.features:
        its_own = [one for one in run.written if one.file == feature.file]
        if its_own and its_own[0].part != ASKED:
            before = {key(each) for one, each in found if one.part == ASKED}
            against = [one for one, each in found if one.file == feature.file and key(each) not in before]
            yield Proof(feature.title, its_own[0].part, its_own, against)
