"""What the specifications ask for, and what a run says of it.

A requirement is not met when a cause counts against it: when the scenario that asks for just that is one of its own.
Whatever else fell of its scenarios only kept it from being checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.support.report.causes import Cause
from steps.support.report.model import Outline, Run, Scenario
from steps.support.report.status import State, of_all
from steps.support.subject import Requirement, Subject

WORDS = {
    State.PASSED: "se cumple",
    State.FAILED: "no se cumple",
    State.ERROR: "no se pudo comprobar",
    State.NOT_RUN: "no se comprobó",
    State.SKIPPED: "no se comprobó",
}


@dataclass(frozen=True)
class Proof:
    """A requirement of a subject, the scenarios of a run that prove it (an outline is one), what they fell by."""

    subject: Subject
    requirement: Requirement
    proofs: Sequence[Scenario | Outline]
    causes: Sequence[Cause] = ()

    @property
    def anchor(self) -> str:
        """An id of its own within a report: two migrations may be asked for the same."""
        return f"{self.subject.tag}-{self.requirement.tag}"

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios and rows that carry the requirement's tag and are about its subject."""
        return [scenario for proof in self.proofs for scenario in self.rows(proof)]

    @property
    def against(self) -> list[Cause]:
        """The causes that count against it."""
        return [one for one in self.causes if one.against(self.requirement.tag, self.subject.name)]

    @property
    def state(self) -> State:
        """FAILED when not met, ERROR when it could not be checked, else what its scenarios come to."""
        if self.against:
            return State.FAILED
        state = of_all(scenario.state for scenario in self.scenarios)
        return State.ERROR if state.bad else state

    @property
    def word(self) -> str:
        """The state as said of a requirement."""
        return WORDS.get(self.state, self.state.value)

    @property
    def why(self) -> list[str]:
        """The causes, a sentence each, for which it is not met or could not be checked."""
        fell = [scenario.place for scenario in self.scenarios if scenario.state.bad]
        return [
            one.sentence for one in self.against or self.causes if any(other.place in fell for other in one.scenarios)
        ]

    @property
    def count(self) -> str:
        """How many of its scenarios passed, of those that ran."""
        ran = [one.state for one in self.scenarios if one.state not in (State.SKIPPED, State.NOT_RUN)]
        if not ran:
            return "ninguno corrió"
        passed = ran.count(State.PASSED)
        return (
            f"{'el único' if passed == 1 else passed} pasa{'n' * (passed > 1)}"
            if passed == len(ran)
            else (f"{passed} de {len(ran)} pasa{'n' * (passed != 1)}")
        )

    def rows(self, item: Scenario | Outline) -> list[Scenario]:
        """The scenarios of an item that prove it."""
        return carriers(item, self.subject, self.requirement)

    @property
    def skipped(self) -> list[Scenario | Outline]:
        """The items of which nothing that proves it ran: of an outline, the rows of another migration prove nothing."""
        return [item for item in self.proofs if of_all(one.state for one in self.rows(item)) is State.SKIPPED]

    def title(self, item: Scenario | Outline) -> str:
        """What an item promises, for a reader: never with a <placeholder>."""
        rows = self.rows(item)
        if isinstance(item, Scenario) or len(rows) == 1:
            return rows[0].title
        return item.sentence


def carriers(item: Scenario | Outline, subject: Subject, requirement: Requirement) -> list[Scenario]:
    """The scenarios of an item that are about the subject and carry the requirement's tag."""
    scenarios = item.scenarios if isinstance(item, Outline) else [item]
    return [one for one in scenarios if one.subject == subject.name and requirement.tag in one.all_tags]


def proofs(run: Run, causes: Sequence[Cause]) -> list[Proof]:
    """Every requirement, in the order of the specifications, with what of the run proves it."""
    items = [item for feature in run.features for item in feature.written()]
    return [
        Proof(subject, one, [item for item in items if carriers(item, subject, one)], causes)
        for subject in run.about.subjects
        for one in subject.requirements
    ]
