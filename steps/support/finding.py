"""What a check found, as data. `spanish.py` is the one place that turns it into words."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What is wrong, the gravest first: a headline names the first kind that a run found."""

    LEAKED = auto()  # a clinic saw or changed another clinic's row
    ROWS_LOST = auto()
    ROWS_CHANGED = auto()
    ROWS_ADDED = auto()
    WRITE_LOST = auto()  # a write that was confirmed beside the migration
    TABLE_LOST = auto()
    COLUMN_LOST = auto()
    COLUMN_MISSING = auto()  # of those the specification asks for
    COLUMN_WRONG = auto()
    FACT_MISSING = auto()  # a policy, a grant, a role that the specification asks for
    FACT_WRONG = auto()
    ROWS_NOT_FILLED = auto()  # existing rows do not have the default
    ROWS_NOT_EMPTY = auto()  # existing rows have a value that no person entered
    VALUE_WRONG = auto()  # a value read back is not the one that was saved
    SAVE_FAILED = auto()
    SERVICE_FAILED = auto()
    SCRIPT_FAILED = auto()
    NOT_REFUSED = auto()  # the attempt ended otherwise than by the refusal asked for
    ERROR_UNCLEAR = auto()  # refused as asked, by a message that does not say what it must
    NOT_REVERTED = auto()
    TABLE_REWRITTEN = auto()
    OBJECT_GONE = auto()  # of the catalogue: an index, a constraint, a grant
    OBJECT_CHANGED = auto()
    OBJECT_APPEARED = auto()
    SCHEMA_DIFFERS = auto()  # between two databases that should be the same
    PENDING = auto()  # Alembic finds something to migrate
    NUMBER_WRONG = auto()  # the sequence is not where it was
    ROWS_READ = auto()  # the script read or wrote rows of the table
    HELD_TOO_LONG = auto()
    HOLDER_DISTURBED = auto()
    QUEUED = auto()  # it stood in the lock queue while the table was held
    WRITE_FAILED = auto()
    COLUMN_LEFT = auto()  # somebody had made it otherwise, and so it stays
    HOLDER_NOT_NAMED = auto()
    OTHER_TABLE_LOCKED = auto()
    SESSION_CHANGED = auto()
    SEVERAL_STATEMENTS = auto()


LOSS = frozenset({
    Kind.ROWS_LOST, Kind.ROWS_CHANGED, Kind.ROWS_ADDED, Kind.TABLE_LOST, Kind.COLUMN_LOST, Kind.ROWS_NOT_EMPTY,
})  # fmt: skip
NOT_AS_ASKED = frozenset({
    Kind.COLUMN_MISSING, Kind.COLUMN_WRONG, Kind.COLUMN_LEFT, Kind.FACT_MISSING, Kind.FACT_WRONG,
})  # fmt: skip
# FOLLOWING kinds are consequences of FOLLOWED kinds.
FOLLOWING = frozenset({
    Kind.SAVE_FAILED, Kind.SERVICE_FAILED, Kind.NOT_REFUSED, Kind.ERROR_UNCLEAR, Kind.SCHEMA_DIFFERS,
})  # fmt: skip
FOLLOWED = NOT_AS_ASKED | {Kind.TABLE_LOST, Kind.COLUMN_LOST, Kind.SCRIPT_FAILED, Kind.QUEUED}
OBJECTS = frozenset({Kind.OBJECT_GONE, Kind.OBJECT_CHANGED, Kind.OBJECT_APPEARED, Kind.NOT_REVERTED})
WAITING = frozenset({
    Kind.TABLE_REWRITTEN, Kind.ROWS_READ, Kind.HELD_TOO_LONG, Kind.QUEUED, Kind.WRITE_FAILED, Kind.WRITE_LOST,
    Kind.HOLDER_DISTURBED, Kind.HOLDER_NOT_NAMED, Kind.OTHER_TABLE_LOCKED,
})  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """How many rows, at least so many where not all were looked at, and the first of their keys."""

    count: int
    keys: tuple[str, ...] = ()
    at_least: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    `table` and `name` say what it is about, such as patients and meta_ad_id; `name` is empty where the table itself
    is meant. `before` is what was there or was asked for, `after` what was found; None where there is none.
    `what` is the sort of thing, such as index, or an error's SQLSTATE.
    Two findings have the same cause when their (table, name) are the same.
    """

    kind: Kind
    table: str = ""
    name: str = ""
    before: object = None
    after: object = None
    what: str = ""


@dataclass(frozen=True)
class Figures:
    """A rehearsal's verdict in a sentence, and its figures for a reader by name, under a title in Spanish.

    For a machine `state` is the verdict: accepted, refused or incomplete. A figure may have several lines.
    """

    title: str
    verdict: str
    figures: Mapping[str, str]
    state: str


def gravest_first(findings: Iterable[Finding], own: Container[str] = ()) -> list[Finding]:
    """By kind. Of one kind those about a migration's `own` table and columns come before what falls with them."""
    return sorted(findings, key=lambda one: (one.kind.value, one.table not in own, one.name not in own))


def differing(kind: Kind, expected: object, obtained: object, table: str = "", name: str = "") -> list[Finding]:
    """A finding unless both are equal."""
    return [] if expected == obtained else [Finding(kind, table, name, expected, obtained)]
