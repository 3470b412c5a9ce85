"""What a server says when it has no room left, as one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError

from steps.support.harness.errors import SnapshotError

FULL = {"53100": "disk", "53200": "memory"}
CRASHED = ("57P01", "57P02", "57P03")  # a server that cannot write its log ends every session


@contextmanager
def room(to_do: str) -> Iterator[None]:
    """Raise SnapshotError when there was no room `to_do` what the block does, in words such as 'to copy it'."""
    try:
        yield
    except DBAPIError as error:
        if problem := out_of_room(error.orig, to_do):
            raise problem from None
        raise


def out_of_room(error: BaseException | None, to_do: str) -> SnapshotError | None:
    """The error in one line, when it is about room or the server is gone."""
    if not isinstance(error, psycopg2.Error):
        return None
    if error.pgcode in FULL:
        return SnapshotError(
            f"The server has no {FULL[error.pgcode]} left {to_do}. Make room there, or use another: -D postgres=…"
        )
    lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) and error.pgcode is None
    if lost or error.pgcode in CRASHED:
        return SnapshotError(
            f"The server went away when it had {to_do}; a full disk does that. Read its log, make room, or use another."
        )
    return None
