"""What a check found, as data. `spanish.py` is the one place that turns it into words."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What is wrong, the gravest first: a headline names the first kind that a run found."""

    LEAKED = auto()  # a clinic saw or changed another clinic's row
    ROWS_LOST = auto()
    ROWS_CHANGED = auto()
    ROWS_ADDED = auto()
    TABLE_LOST = auto()
    COLUMN_LOST = auto()
    COLUMN_MISSING = auto()  # of those the specification asks for
    COLUMN_WRONG = auto()
    FACT_MISSING = auto()  # a policy, a grant, a role that the specification asks for
    FACT_WRONG = auto()
    VALUE_WRONG = auto()  # a value read back is not the one that was saved
    SCRIPT_FAILED = auto()
    NOT_REFUSED = auto()  # the script ended otherwise than by the refusal asked for
    OBJECT_GONE = auto()  # of the catalogue: an index, a constraint, a grant
    OBJECT_CHANGED = auto()
    OBJECT_APPEARED = auto()
    TABLE_REWRITTEN = auto()
    ROWS_READ = auto()  # the script read or wrote rows of the table
    HELD_TOO_LONG = auto()
    QUEUED = auto()  # it stood in the lock queue while the table was held
    WRITE_FAILED = auto()
    WRITE_LOST = auto()
    HOLDER_DISTURBED = auto()
    HOLDER_NOT_NAMED = auto()
    OTHER_TABLE_LOCKED = auto()
    SESSION_CHANGED = auto()
    NOTIFIED = auto()
    SEVERAL_STATEMENTS = auto()


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    `table` and `name` say what it is about, such as patients and meta_ad_id; `name` is empty where the table itself
    is meant. `before` is what was there or was asked for, `after` what was found; None where there is none.
    Two findings have the same cause when their (table, name) are the same.
    """

    kind: Kind
    table: str = ""
    name: str = ""
    before: object = None
    after: object = None
