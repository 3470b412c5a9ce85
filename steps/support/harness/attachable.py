"""What a scenario may attach for the report beyond plain text: figures, and an engineer's traces."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

SQL = "application/sql"
SERVER_LOG = "text/x-postgres-log"


@dataclass(frozen=True)
class Figure:
    """One figure of a rehearsal: what was measured, its value with the unit, and what it says to a reader."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """A rehearsal's figures, in the order to show them, under a title in Spanish.

    `state` is its verdict for a machine: accepted, refused or incomplete.
    """

    MIME: ClassVar[str] = "application/vnd.acceptance.figures+json"

    title: str
    figures: Sequence[Figure]
    state: str = ""

    def to_bytes(self) -> bytes:
        """As `context.attach(Figures.MIME, …)` takes it."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Figures":
        """Read back; raises ValueError, KeyError or TypeError when it is not of this shape."""
        read = json.loads(data)
        return cls(str(read["title"]), [Figure(**figure) for figure in read["figures"]], str(read.get("state", "")))
