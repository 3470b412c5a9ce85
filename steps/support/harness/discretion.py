"""What may be shown of a database of real data: names that were there before, and of anything else its hash."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2 import errorcodes
from sqlalchemy import Engine, event

_SALT = secrets.token_bytes(16)  # so that nobody finds the text by trying words


class Hidden(str):
    """A text that compares as itself and is shown as its hash."""

    __slots__ = ()

    def __repr__(self) -> str:
        return hashed(self)

    __str__ = __repr__

    def __format__(self, _specification: str) -> str:
        return hashed(self)


def hashed(text: str) -> str:
    """What is shown for a text: the same for equal texts of one run, such as '#3f1b9a02'."""
    return "#" + hashlib.blake2b(text.encode(), key=_SALT, digest_size=4).hexdigest()


def condition(sqlstate: str) -> str:
    """What Postgres calls a SQLSTATE, such as undefined_column."""
    try:
        return str(errorcodes.lookup(sqlstate)).lower()
    except KeyError:
        return "código propio del script"


@contextmanager
def discreet_errors() -> Iterator[None]:
    """Take out of every database error its text, which may quote a row, and its statement; the SQLSTATE stays."""
    event.listen(Engine, "handle_error", _take_out)
    try:
        yield
    finally:
        event.remove(Engine, "handle_error", _take_out)


def _take_out(context: Any) -> None:
    code = getattr(context.original_exception, "pgcode", None)
    if not code:
        return  # the server did not say it
    text = f"{code} {condition(code)} (el texto se omite: puede citar datos)"
    context.original_exception.args = (text,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (text,)
        context.sqlalchemy_exception.statement = None
