"""What may be shown of an error on real data: its SQLSTATE and what Postgres calls it, for a text may quote a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2 import errorcodes
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError


def condition(sqlstate: str) -> str:
    """What Postgres calls a SQLSTATE, such as undefined_column."""
    try:
        return str(errorcodes.lookup(sqlstate)).lower()
    except KeyError:
        return "código propio del script"


def code_of(error: DBAPIError) -> str:
    """What may be shown of an error of the server's: its SQLSTATE and its name."""
    code = getattr(error.orig, "pgcode", None)
    return f"{code} {condition(code)}" if code else "la conexión se cortó"


@contextmanager
def redacted_errors() -> Iterator[None]:
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
    text = f"{code} {condition(code)}"
    context.original_exception.args = (text,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (text,)
        context.sqlalchemy_exception.statement = None
