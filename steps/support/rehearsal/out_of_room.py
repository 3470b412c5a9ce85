"""What a server says when it has no room left, as one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError

from steps.support.errors import SnapshotError

FULL = {"53100": "disk", "53200": "memory"}
CRASHED = ("57P01", "57P02", "57P03")  # a server that cannot write its log ends every session


@contextmanager
def room(to_do: str) -> Iterator[None]:
    """Raise SnapshotError when there was no room `to_do` what the block does, in words such as 'to copy it'."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        code = getattr(cause, "pgcode", None)
        gone = isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError) and code is None
        if problem := lost(to_do) if gone or code in CRASHED else no_room(code or "", to_do):
            raise problem from None
        raise


def no_room(code: str, to_do: str) -> SnapshotError | None:
    """The error in one line, when it is about room."""
    if code not in FULL:
        return None
    return SnapshotError(f"The server has no {FULL[code]} left {to_do}. Make room there, or use another: -D postgres=…")


def lost(to_do: str) -> SnapshotError:
    """That the server is gone, in one line."""
    return SnapshotError(
        f"The server went away when it had {to_do}; a full disk does that. Read its log, make room, or use another."
    )
