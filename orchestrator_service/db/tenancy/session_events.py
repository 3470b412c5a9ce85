"""What a session's own events keep to its clinic: what it asks, what it holds and what it writes."""

import re
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, TextClause, column, event, exists, inspect, select, table
from sqlalchemy.orm import FromStatement, ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql.selectable import TextualSelect

from orchestrator_service.db.tenancy.doors import mark
from orchestrator_service.db.tenancy.errors import (
    ForeignPatientError,
    OutsideTheDoorError,
    RefusedStatementError,
    UnknownClinicError,
)
from orchestrator_service.db.tenancy.marker import TENANT_ID, TenantOwned, outside, owned_tables
from orchestrator_service.db.tenancy.sessions import BY_KEY, ClinicSession, DoorSession, clinic_session

_TENANTS = table("tenants", column("id"))
_known: WeakKeyDictionary[Engine, set[int]] = WeakKeyDictionary()


@event.listens_for(ClinicSession, "do_orm_execute")
def add_criteria(state: ORMExecuteState) -> None:
    """Filter whatever the ORM compiles; a get() of a plain row by this clinic's key is filtered as it is."""
    if hasattr(state.statement, "options") and not BY_KEY.items() <= state.execution_options.items():
        state.statement = state.statement.options(clinic_session(state.session).criteria)


@event.listens_for(ClinicSession, "do_orm_execute")
def take_no_foreign_row(state: ORMExecuteState) -> None:
    """Look at all rows of a bulk INSERT or UPDATE first: the ORM sends rows of different keys apart."""
    if not (state.is_insert or state.is_update) or not state.parameters:
        return
    statement: Any = state.statement
    given: Any = state.parameters
    rows = given if isinstance(given, list | tuple) else [given]
    if statement.table.name in owned_tables():
        for row in rows:
            _check_number(clinic_session(state.session), statement.table.name, row.get(TENANT_ID))


@event.listens_for(ClinicSession, "before_attach")
def hold_no_foreigner(session: Session, instance: object) -> None:
    """Keep another clinic's object out of the identity map, where no SQL would be asked."""
    _check(clinic_session(session), [instance])


@event.listens_for(ClinicSession, "before_flush")
def flush_no_foreigner(session: Session, _context: Any, _instances: Any) -> None:
    """Refuse the whole flush, before its first statement, when a row would be another clinic's."""
    _check(clinic_session(session), [*session.new, *session.dirty, *session.deleted])


@event.listens_for(DoorSession, "after_begin")
def begin_behind_the_door(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Mark the session's connection as its door's; refuse one of another engine, whoever named it."""
    if connection.engine is not session.bind:
        raise RefusedStatementError("A door works on its own engine and on no other.")
    door: Any = session
    mark(connection, door.door)


@event.listens_for(ClinicSession, "after_begin")
def know_the_clinic(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Ask once per engine and clinic whether the clinic exists."""
    tenant_id = clinic_session(session).tenant_id
    known = _known.setdefault(connection.engine, set())
    if tenant_id not in known:
        if not connection.scalar(select(exists().where(_TENANTS.c.id == tenant_id))):
            raise UnknownClinicError(f"No clinic has tenant_id {tenant_id}.")
        known.add(tenant_id)


@event.listens_for(Session, "before_attach")
def attach_outside_to_nothing(session: Session, instance: object) -> None:
    """A plain Session may not hold what belongs to a clinic, not even before its first flush."""
    if isinstance(instance, TenantOwned) and not isinstance(session, DoorSession):
        raise OutsideTheDoorError(outside(inspect(instance).mapper.local_table.name))


@event.listens_for(Session, "do_orm_execute")
def read_outside_no_text(state: ORMExecuteState) -> None:
    """A plain Session may send SQL text, but not about a tenant-owned table."""
    text: Any = state.statement
    while isinstance(text, FromStatement | TextualSelect):
        text = text.element
    if isinstance(text, TextClause) and not isinstance(state.session, DoorSession):
        named = owned_tables().intersection(re.findall(r"\w+", text.text.lower()))
        if named:
            raise OutsideTheDoorError(outside(min(named)))


def _check(session: ClinicSession, instances: Iterable[object]) -> None:
    for instance in instances:
        if not isinstance(instance, TenantOwned):
            continue
        state = inspect(instance)
        for found in (state.dict.get(TENANT_ID), state.identity[0] if state.identity else None):
            _check_number(session, type(instance).__name__, found)


def _check_number(session: ClinicSession, whose: str, found: object) -> None:
    # None is filled in by the column's default; True would pass for clinic 1.
    if found is not None and not (type(found) is int and found == session.tenant_id):
        raise ForeignPatientError(
            f"{whose} of tenant_id {_shown(found)} in the session of clinic {session.tenant_id}. "
            "Open a session for its clinic; nothing was written."
        )


def _shown(value: object) -> str:
    return str(value) if type(value) is int else type(value).__name__
