"""What may be shown of an error on real data: its SQLSTATE, and a text only where it is the same whatever the data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2 import errorcodes
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

# The errors whose text, when it is Postgres's own, is the same whatever the data: all that may be shown of real data.
QUOTES_NOTHING = {
    errorcodes.READ_ONLY_SQL_TRANSACTION, errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED,
    errorcodes.LOCK_NOT_AVAILABLE, errorcodes.QUERY_CANCELED, errorcodes.DISK_FULL, errorcodes.OUT_OF_MEMORY,
    errorcodes.TOO_MANY_CONNECTIONS, errorcodes.ADMIN_SHUTDOWN, errorcodes.CRASH_SHUTDOWN,
    errorcodes.CANNOT_CONNECT_NOW, errorcodes.IN_FAILED_SQL_TRANSACTION,
}  # fmt: skip


def condition(sqlstate: str) -> str:
    """What Postgres calls a SQLSTATE, such as undefined_column."""
    try:
        return str(errorcodes.lookup(sqlstate)).lower()
    except KeyError:
        return "código propio del script"


def code_of(error: DBAPIError) -> str:
    """What may be shown of an error of the server's: its SQLSTATE and its name."""
    code = str(getattr(error.orig, "pgcode", None) or "")
    return f"{code} {condition(code)}" if code else "la conexión se cortó"


def quotes_nothing(sqlstate: str, function: str | None, file: str | None) -> bool:
    """Whether an error's text is the same whatever the data, by its code and by where in the server it was raised.

    Any language a function is written in can raise any code with any text.
    """
    raised = "raise" in (function or "") or (file or "pl").startswith("pl")
    return sqlstate in QUOTES_NOTHING and not raised


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
    diagnosis = context.original_exception.diag
    if quotes_nothing(code, diagnosis.source_function, diagnosis.source_file):
        return
    text = f"{code} {condition(code)} (el texto se omite: puede citar datos)"
    context.original_exception.args = (text,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (text,)
        context.sqlalchemy_exception.statement = None
