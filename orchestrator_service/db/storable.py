"""Values Postgres could not store as given, found before it is asked.

Postgres text holds neither NUL nor half a surrogate pair, and its own words for it differ by driver. A
number where text belongs is refused, not converted: Meta's ids are longer than a float is exact, so digits
that have been a number may be other digits by now.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Boolean, Date, DateTime, Enum, Integer, Interval, LargeBinary, Numeric, String, Time, Uuid
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql.compiler import SQLCompiler

_HOLDS_NO_TEXT = (Boolean, Date, DateTime, Integer, Interval, LargeBinary, Numeric, Time, Uuid)
_looked_at: WeakSet[Any] = WeakSet()  # executions sent in batches


class _Binds(NamedTuple):
    text: frozenset[str]  # the names of those that are text to SQLAlchemy
    any_text: bool  # whether any may hold text, by its type


_binds: WeakKeyDictionary[SQLCompiler, _Binds] = WeakKeyDictionary()  # for as long as SQLAlchemy keeps the SQL


class UnstorableValueError(DontWrapMixin, ValueError):
    """A value Postgres could not store as given; it never reached the server."""


def check(context: Any, many: bool) -> None:
    """Raise UnstorableValueError for the first value of an execution that cannot be stored, naming it and its row."""
    compiled = context.compiled
    if not isinstance(compiled, SQLCompiler) or context in _looked_at:
        return
    if many:
        _looked_at.add(context)
    binds = _binds.get(compiled)
    if binds is None:
        binds = _binds[compiled] = _sorted_out(compiled)
    if not binds.any_text:
        return
    for number, row in enumerate(context.compiled_parameters, start=1):
        for name, value in row.items():
            wrong = _wrong(value, must_be_text=name in binds.text)
            if wrong:
                raise UnstorableValueError(f"{name} (row {number}) {wrong}; nothing was sent.")


def _sorted_out(compiled: SQLCompiler) -> _Binds:
    types = {name: bind.type for name, bind in compiled.binds.items()}
    text = {name for name, kind in types.items() if isinstance(kind, String) and not isinstance(kind, Enum)}
    return _Binds(frozenset(text), not all(isinstance(kind, _HOLDS_NO_TEXT) for kind in types.values()))


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
