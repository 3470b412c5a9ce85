"""How a thing ended, and why it ended badly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How a step or a scenario ended, from the best to the worst; the value is the word a reader gets."""

    PASSED = "pasa"
    SKIPPED = "saltado"
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


def worst(states: Iterable[State]) -> State:
    """The worst of some states; NOT_RUN of none."""
    order = list(State)
    return max(states, key=order.index, default=State.NOT_RUN)


@dataclass(frozen=True)
class Comparison:
    """Two values side by side; `left` is empty where a check has no single expected value."""

    right: str
    left: str = ""
    what: str = ""
    labels: tuple[str, str] = ("esperado", "obtenido")


@dataclass(frozen=True)
class Failure:
    """Why something is bad: one sentence, then what was compared or found, then a trace for engineers."""

    subject: str
    comparisons: Sequence[Comparison] = ()
    findings: str = ""
    trace: str = ""

    @property
    def text(self) -> str:
        """The whole but the trace, as lines."""
        lines = [self.subject]
        for one in self.comparisons:
            lines += [f"  {one.what}"] * bool(one.what)
            margin = "    " if one.what else "  "
            lines += [f"{margin}{one.labels[0]}: {one.left}"] * bool(one.left)
            lines += [f"{margin}{one.labels[1]}: {one.right}"]
        return "\n".join(lines + [self.findings] * bool(self.findings))
