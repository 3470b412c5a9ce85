"""Every guard on this side of the connection, and how to take it away."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import event

from orchestrator_service.db.tenancy import AgainstForgettingOnlySession, scope, sessions, statement_guard
from orchestrator_service.db.tenancy.sessions import TenantSession

CRITERIA = sessions._criteria
Removal = Callable[[pytest.MonkeyPatch, ExitStack], None]


def listener(target: Any, name: str, function: Callable[..., Any]) -> Removal:
    """A guard that is a listener: stop listening, and begin again at the end."""

    def remove(_patch: pytest.MonkeyPatch, ending: ExitStack) -> None:
        event.remove(target, name, function)
        ending.callback(event.listen, target, name, function)

    return remove


def replaced(owner: Any, name: str, by: Any) -> Removal:
    """A guard that is a function: put one in its place that lets everything through."""
    return lambda patch, _ending: patch.setattr(owner, name, by)


def _unless(*beginnings: str) -> Callable[[str], None]:
    refuse = statement_guard._refuse

    def lenient(what: str) -> None:
        if not what.startswith(beginnings):
            refuse(what)

    return lenient


def rule(*beginnings: str) -> Removal:
    """One rule of the statement guard, told by how its message begins."""
    return lambda patch, _ending: patch.setattr(statement_guard, "_refuse", _unless(*beginnings))


# Where Postgres keeps the clinic: what the generator finds without each.
KEPT: dict[str, Removal] = {
    "the clinic's role": replaced(scope, "_take", lambda *_: None),
    "a look whether the transaction lasts": replaced(scope, "_lasting", lambda _driver: lambda: True),
}

# Where nothing but criteria does.
OPEN: dict[str, Removal] = {
    "criteria": replaced(sessions, "_criteria", lambda number: CRITERIA(number)[1:]),
    "criteria on the clinics": replaced(sessions, "_criteria", lambda number: CRITERIA(number)[:1]),
    "no SQL text": rule("SQL text", "A part of"),
    "no Core": rule("Core on", "An alias of"),
    "no INSERT … SELECT, no upsert": rule("INSERT"),
    "no UPDATE by ids": rule("An UPDATE"),
    "what is written": replaced(statement_guard, "_check_written", lambda *_: None),
    "rows and objects of others": replaced(sessions, "_check_number", lambda *_: None),
    "no foreign object held": listener(TenantSession, "before_attach", sessions._attach),
    "no foreign object flushed": listener(TenantSession, "before_flush", sessions._flush),
    "no connection": replaced(AgainstForgettingOnlySession, "connection", TenantSession.connection),
    "no bulk of old": replaced(
        AgainstForgettingOnlySession, "bulk_insert_mappings", TenantSession.bulk_insert_mappings
    ),
}


def remove(removal: Removal, patch: pytest.MonkeyPatch) -> ExitStack:
    """Take a guard away until the returned stack is closed."""
    ending = ExitStack()
    removal(patch, ending)
    return ending
