"""How a connection shows which door it was opened through."""

from enum import Enum
from typing import Any, Literal

from sqlalchemy import Connection

OPTION = "orchestrator_door"


class AllClinics(Enum):
    """The administrator's door: every clinic at once."""

    ALL = "all clinics"


Door = int | Literal[AllClinics.ALL] | None


def mark(connection: Connection, door: Door) -> None:
    """Put a door on a connection, for as long as the session holds it."""
    connection.execution_options(**{OPTION: door})


def door_of(connection: Connection) -> Door:
    """A clinic's number, ALL for the administrator's door, None outside both."""
    door: Any = connection.get_execution_options().get(OPTION)
    return door  # type: ignore[no-any-return]
