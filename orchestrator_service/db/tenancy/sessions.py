"""The sessions: one clinic's, kept by Postgres; administration's; and one that only guards against forgetting."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn, TypeVar, cast

from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from orchestrator_service.db.tenancy import scope, statement_guard
from orchestrator_service.db.tenancy.errors import CrossTenantError, InvalidClinicError, RefusedStatementError
from orchestrator_service.db.tenancy.marker import Scoped, TenantOwned, TenantRow, key_of, scoped_tables

Entity = TypeVar("Entity")
_LARGEST = 2**31 - 1  # tenants.id is an integer


@lru_cache(maxsize=1024)  # making one costs as much as a tenth of a one-row get
def _criteria(tenant_id: int) -> tuple[ORMOption, ORMOption]:
    """What is a clinic's, and the clinic itself."""
    # Not propagated: every load passes here anyway, and an object that carried it could not be pickled.
    how = {"include_aliases": True, "propagate_to_loaders": False}
    return (
        with_loader_criteria(TenantOwned, lambda model: model.tenant_id == tenant_id, **how),
        with_loader_criteria(TenantRow, lambda model: model.id == tenant_id, **how),
    )


class TenantSession(Session):
    """What a clinic's sessions share: its number for life, criteria on what the ORM compiles, no foreign object."""

    role: str | None = None

    def __init__(self, bind: Engine | Connection | None = None, *, tenant_id: int, **options: Any) -> None:
        # bool is an int to Python and True would be clinic 1.
        if type(tenant_id) is not int or not 0 < tenant_id <= _LARGEST:
            raise InvalidClinicError(f"A clinic's tenant_id is a positive int, not {tenant_id!r}.")
        self._tenant_id = tenant_id
        self._criteria = _criteria(tenant_id)[: 1 if self.role else 2]
        super().__init__(bind, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        return self._tenant_id

    def merge(self, instance: Entity, **options: Any) -> Entity:
        """Session.merge; with load=False the copy is attached before it has a tenant_id to look at."""
        _check(self, [instance])
        return super().merge(instance, **options)


class ClinicSession(TenantSession):
    """A session in which Postgres lets through one clinic's rows alone, whatever SQL one writes.

    `tenant_id` is the clinic's number, `role` what 02_tenant_isolation.sql was told to call the clinic's role;
    `options` are Session's own. Raises InvalidClinicError for what is no clinic's number and, as a transaction begins,
    NotIsolatedError where Postgres would not keep it and UnknownClinicError where no clinic has the number. An object
    of another clinic raises CrossTenantError before anything of its flush is sent.
    """

    def __init__(
        self, bind: Engine | Connection | None = None, *, tenant_id: int, role: str = scope.ROLE, **options: Any
    ) -> None:
        self.role = role
        super().__init__(bind, tenant_id=tenant_id, **options)


class AgainstForgettingOnlySession(TenantSession):
    """A session that filters by clinic, for databases without row-level security: against forgetting, nothing else.

    The ORM's statements on marked models get their criteria. SQL text, Core on their tables and what criteria do not
    reach raise RefusedStatementError. Code that means to reach another clinic does: Postgres keeps nothing here.
    """

    def connection(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: nothing would look at what is sent on it."""
        raise RefusedStatementError("Nothing keeps a connection to the clinic here. Use session.execute(…).")

    # The bulk methods of old send rows nobody looked at.
    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = connection


class AllClinicsSession(Session):
    """Administration's: every clinic's rows, nothing filtered, as the login itself.

    For jobs over all clinics only; search for AllClinicsSession to find every one. A new row needs its tenant_id given.
    """

    def __init__(self, bind: Engine | Connection | None = None, **options: Any) -> None:
        super().__init__(bind, **options)


@event.listens_for(TenantSession, "after_begin")
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:  # a savepoint is within the clinic's transaction
        of = cast(TenantSession, session)
        scope.enter(connection, of.tenant_id, of.role, scoped_tables())


@event.listens_for(AllClinicsSession, "after_begin")
def _begin_for_all(_session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        scope.enter(connection, None, None, ())


@event.listens_for(TenantSession, "do_orm_execute")
def _keep(state: ORMExecuteState) -> None:
    session: Any = state.session  # this is in the way of every statement: no call more than it takes
    statement: Any = state.statement
    if state.parameters and (state.is_insert or state.is_update):
        key = key_of(statement.table.name)
        given: Any = state.parameters
        for row in given if isinstance(given, list | tuple) else [given]:
            _check_number(session, statement.table.name, row.get(key) if key else None)
    if session.role is None and not (state.is_column_load or state.is_relationship_load):
        statement_guard.check(statement, state.parameters, session.tenant_id)
    if state.is_orm_statement:
        state.statement = statement.options(*session._criteria)


@event.listens_for(TenantSession, "before_attach")
def _attach(session: Session, instance: object) -> None:
    """Keep another clinic's object out of the identity map, where no SQL would be asked."""
    _check(cast(TenantSession, session), [instance])


@event.listens_for(TenantSession, "before_flush")
def _flush(session: Session, _context: Any, _instances: Any) -> None:
    """Refuse the whole flush, before its first statement, when a row would be another clinic's."""
    _check(cast(TenantSession, session), [*session.new, *session.dirty, *session.deleted])


def _check(session: TenantSession, instances: Iterable[object]) -> None:
    for instance in instances:
        if isinstance(instance, Scoped):
            state = inspect(instance)
            key = instance.__tenant_key__
            if key not in state.dict and state.has_identity and isinstance(session, AgainstForgettingOnlySession):
                raise CrossTenantError(f"{type(instance).__name__} of a clinic nobody knows. Load it in this session.")
            _check_number(session, type(instance).__name__, state.dict.get(key))


def _check_number(session: TenantSession, whose: str, found: object) -> None:
    # None is filled in by the column's default; True would pass for clinic 1.
    if found is not None and not (type(found) is int and found == session.tenant_id):
        shown = found if type(found) is int else type(found).__name__
        raise CrossTenantError(
            f"{whose} of tenant_id {shown} in the session of clinic {session.tenant_id}. "
            "Open a session for its clinic; nothing was written."
        )
