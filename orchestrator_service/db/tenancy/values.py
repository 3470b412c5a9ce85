"""Values Postgres could not store as given, found before it is asked.

Postgres text holds neither NUL nor half a surrogate pair, and its own words for it differ by driver. A
number where text belongs is refused, not converted: Meta's ids are longer than a float is exact, so digits
that have been a number may be other digits by now.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Enum, String
from sqlalchemy.sql.compiler import SQLCompiler

from orchestrator_service.db.tenancy.errors import UnstorableValueError

_text_binds: WeakKeyDictionary[SQLCompiler, frozenset[str]] = WeakKeyDictionary()


def text_binds(compiled: SQLCompiler) -> frozenset[str]:
    """The names of the bound values that are text to SQLAlchemy; kept for as long as it keeps the compiled SQL."""
    found = _text_binds.get(compiled)
    if found is None:
        found = _text_binds[compiled] = _find_text_binds(compiled)
    return found


def _find_text_binds(compiled: SQLCompiler) -> frozenset[str]:
    return frozenset(
        name
        for name, bind in compiled.binds.items()
        if isinstance(bind.type, String) and not isinstance(bind.type, Enum)
    )


def check(rows: Iterable[Mapping[str, Any]], text: frozenset[str]) -> None:
    """Raise UnstorableValueError for the first value that cannot be stored, naming it and its row."""
    for number, row in enumerate(rows, start=1):
        for name, value in row.items():
            wrong = _wrong(value, must_be_text=name in text)
            if wrong:
                raise UnstorableValueError(f"{name} (row {number}) {wrong}; nothing was sent.")


def _wrong(value: object, *, must_be_text: bool = False) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value.isascii() and "\0" not in value else _wrong_text(value)
    if isinstance(value, Mapping):
        return next(filter(None, map(_wrong, [*value, *value.values()])), "")
    if isinstance(value, list | tuple):
        return next(filter(None, (_wrong(item, must_be_text=must_be_text) for item in value)), "")
    if must_be_text:
        return f"is text, and got {type(value).__name__}: give the digits as str"
    return ""


def _wrong_text(value: str) -> str:
    position = value.find("\0")
    if position >= 0:
        return f"has a NUL character at position {position}, which Postgres text cannot hold"
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"has a lone surrogate at position {error.start}, which is no character"
    return ""
