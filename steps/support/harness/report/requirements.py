"""What the specifications ask for, and the scenarios of a run that prove it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from steps.support.harness.report.model import Outline, Run, Scenario
from steps.support.harness.report.status import State
from steps.support.harness.subject import Requirement, Subject

WORDS = {
    State.PASSED: "se cumple",
    State.FAILED: "no se cumple",
    State.ERROR: "no se pudo comprobar",
    State.NOT_RUN: "no se comprobó",
}


@dataclass(frozen=True)
class Proof:
    """A requirement of a subject, with the scenarios of a run that prove it, an outline counting as one."""

    subject: Subject
    requirement: Requirement
    proofs: Sequence[Scenario | Outline]

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios and rows that carry the requirement's tag and are about its subject."""
        return [scenario for proof in self.proofs for scenario in carriers(proof, self.subject, self.requirement)]

    @property
    def state(self) -> State:
        """Refuted by one that fails; else in doubt by one without an answer; else passed when one passed."""
        states = [scenario.state for scenario in self.scenarios]
        doubts = (State.FAILED, State.ERROR, State.UNDEFINED, State.PENDING, State.NOT_RUN, State.PASSED)
        return next((state for state in doubts if state in states), State.NOT_RUN)

    @property
    def word(self) -> str:
        """The state as said of a requirement."""
        return WORDS.get(self.state, self.state.value)


def carriers(item: Scenario | Outline, subject: Subject, requirement: Requirement) -> list[Scenario]:
    """The scenarios of an item that are about the subject and carry the requirement's tag."""
    scenarios = item.scenarios if isinstance(item, Outline) else [item]
    return [one for one in scenarios if one.subject == subject.name and requirement.tag in one.all_tags]


def proofs(run: Run) -> list[Proof]:
    """Every requirement, in the order of the specifications, with what of the run proves it."""
    items = [item for feature in run.features for item in feature.written()]
    return [
        Proof(subject, one, [item for item in items if carriers(item, subject, one)])
        for subject in run.about.subjects
        for one in subject.requirements
    ]


def of_tags(tags: Iterable[str], run: Run) -> list[Requirement]:
    """The requirements some tags name, in order, each tag once."""
    named = {one.tag: one for subject in reversed(run.about.subjects) for one in reversed(subject.requirements)}
    return [one for tag, one in reversed(named.items()) if tag in set(tags)]
