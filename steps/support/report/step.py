"""A step of a scenario, and what may be attached to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.support.report.status import Failure, State


@dataclass(frozen=True)
class Attachment:
    """What a step, a hook or the suite attached."""

    mime: str
    data: bytes


@dataclass(frozen=True)
class Grid:
    """A table of the text: a step's or an Examples'."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Step:
    """A step with its end; of a Background when `shared`."""

    keyword: str
    text: str
    line: int
    state: State = State.NOT_RUN
    table: Grid | None = None
    document: str = ""
    seconds: float = 0.0
    failure: Failure | None = None
    attachments: Sequence[Attachment] = ()
    shared: bool = False
