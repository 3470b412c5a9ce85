"""How a thing ended, and why it ended badly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from steps.support.expect import Comparison


class State(Enum):
    """How a step or a scenario ended; the value is the word a reader gets.

    In the order of `of_all`: of several, the last that is among them is what they come to.
    """

    SKIPPED = "saltado"
    PASSED = "pasa"
    NOT_RUN = "no ejecutado"
    PENDING = "pendiente"
    UNDEFINED = "sin definir"
    FAILED = "falla"
    ERROR = "error"

    @property
    def mark(self) -> str:
        """A sign that differs in shape, not only in colour."""
        return {"pasa": "✓", "saltado": "↷", "no ejecutado": "○", "pendiente": "…", "sin definir": "?"}.get(
            self.value, "✗"
        )

    @property
    def bad(self) -> bool:
        """Whether a run with one such scenario is no success."""
        return self in (State.PENDING, State.UNDEFINED, State.FAILED, State.ERROR)


def of_all(states: Iterable[State]) -> State:
    """What several come to: what was skipped takes nothing from what passed, all else does. NOT_RUN of none."""
    order = list(State)
    return max(states, key=order.index, default=State.NOT_RUN)


@dataclass(frozen=True)
class Failure:
    """Why something is bad: one sentence, then what was compared or found, then a trace for engineers.

    `deviations` is a check's own word on columns that are not as asked, by column.
    """

    subject: str
    comparisons: Sequence[Comparison] = ()
    findings: Sequence[str] = ()
    trace: str = ""
    deviations: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> list[str]:
        """Each thing that was compared or found, as text."""
        return ["\n".join(one.lines()) for one in self.comparisons] + list(self.findings)

    @property
    def text(self) -> str:
        """The whole but the trace, as lines."""
        found = ["  " + finding.replace("\n", "\n  ") for finding in self.findings]
        return "\n".join([self.subject, *self.points[: len(self.comparisons)], *found])
