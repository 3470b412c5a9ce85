"""Every guard of the doors, and how to take it away."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import event

from orchestrator_service.db.tenancy import ClinicSession, session_events, tokens, wall
from orchestrator_service.db.tenancy.sessions import DoorSession

Removal = Callable[[pytest.MonkeyPatch, ExitStack], None]


def listener(target: Any, name: str, function: Callable[..., Any]) -> Removal:
    """A guard that is a listener: stop listening, and begin again at the end."""

    def remove(_patch: pytest.MonkeyPatch, ending: ExitStack) -> None:
        event.remove(target, name, function)
        ending.callback(event.listen, target, name, function)

    return remove


def replaced(owner: Any, name: str, by: Any, *also: tuple[str, Any]) -> Removal:
    """A guard that is a function: put one in its place that lets everything through, and what rests on it."""

    def remove(patch: pytest.MonkeyPatch, _ending: ExitStack) -> None:
        for attribute, function in [(name, by), *also]:
            patch.setattr(owner, attribute, function)

    return remove


def rule(beginning: str, *also: tuple[str, Any]) -> Removal:
    """One rule of the proof: drop what it finds, told by how its message begins, and what else rests on it."""
    found = wall._problems

    def remove(patch: pytest.MonkeyPatch, _ending: ExitStack) -> None:
        patch.setattr(
            wall, "_problems", lambda *read: [line for line in found(*read) if not line.startswith(beginning)]
        )
        for name, by in also:
            patch.setattr(wall, name, by)

    return remove


_tenant_values = wall._tenant_values


def _values_of_inserts(compiled: Any) -> list[str]:
    """An INSERT within another statement has no values by name to look at."""
    return _tenant_values(compiled) if compiled.isinsert else []


def _confined_or_not(queries: Any) -> list[str]:
    """What a table nothing confines has for a value: nothing to check."""
    for query in queries:
        for name in query.tables:
            query.confined.setdefault(name, []).append("nothing")
    return []


def _no_strange_signs(patch: pytest.MonkeyPatch, _ending: ExitStack) -> None:
    lenient = tokens._TOKEN.pattern.replace(r"--|/\*|;|", "")
    assert lenient != tokens._TOKEN.pattern
    patch.setattr(tokens, "_TOKEN", re.compile(lenient, re.VERBOSE))


# Those the generator of statements in a clinic's session finds a hole without.
INSIDE: dict[str, Removal] = {
    "criteria on what the ORM compiles": listener(ClinicSession, "do_orm_execute", session_events.add_criteria),
    "every table under a condition": replaced(
        wall, "unconfined", _confined_or_not, ("_is", lambda value, clinic: value in (None, clinic))
    ),
    "no FULL JOIN": rule("a FULL JOIN"),
    "tenant_id is not SET": rule("tenant_id may not"),
    "an upsert names tenant_id": rule("ON CONFLICT"),
    "no INSERT within a statement": rule("an INSERT", ("_tenant_values", _values_of_inserts)),
    "the value of the condition": replaced(wall, "_is", lambda _value, _clinic: True),
    "the tenant_id of inserted rows": replaced(wall, "check_inserted", lambda *_: None),
    "no SQL text": replaced(wall, "refuse_text", lambda: None),
    "no sign a compiler would not write": _no_strange_signs,
    "all rows of a bulk first": listener(ClinicSession, "do_orm_execute", session_events.take_no_foreign_row),
    "no foreign object held": listener(ClinicSession, "before_attach", session_events.hold_no_foreigner),
    "no foreign object flushed": listener(ClinicSession, "before_flush", session_events.flush_no_foreigner),
    "the door on the connection": listener(DoorSession, "after_begin", session_events.begin_behind_the_door),
}


def remove(removal: Removal, patch: pytest.MonkeyPatch) -> ExitStack:
    """Take a guard away until the returned stack is closed."""
    ending = ExitStack()
    removal(patch, ending)
    wall.forget_readings()
    return ending
