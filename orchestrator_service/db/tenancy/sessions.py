"""The doors: a session for one clinic, and the administrator's over all of them."""

from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Engine, inspect
from sqlalchemy.orm import Mapper, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from orchestrator_service.db.tenancy.doors import AllClinics, Door
from orchestrator_service.db.tenancy.errors import InvalidClinicError
from orchestrator_service.db.tenancy.marker import TENANT_ID, TenantOwned

_LARGEST = 2**31 - 1  # tenants.id is an integer
BY_KEY = {"orchestrator_by_key": True}
Entity = TypeVar("Entity")


@lru_cache(maxsize=1024)  # making one costs as much as a tenth of a one-row get
def _criteria(tenant_id: int) -> ORMOption:
    # A closure variable becomes a bound value of each statement's, not part of the cached SQL.
    return with_loader_criteria(TenantOwned, lambda model: model.tenant_id == tenant_id, include_aliases=True)


@cache
def is_plain(model: type) -> bool:
    """Whether a model's row is one table's columns and nothing more: its key then says all a criterion would."""
    mapper: Mapper[Any] = inspect(model)
    plain = all(isinstance(column, Column) for attribute in mapper.column_attrs for column in attribute.columns)
    return plain and len(mapper.tables) == 1 and not mapper.relationships


class DoorSession(Session):
    """What both doors share: one engine and no other, and a mark on the connections they take from it."""

    def __init__(self, bind: Engine, door: Door, **options: Any) -> None:
        if not isinstance(bind, Engine):
            raise TypeError(f"A door opens on an Engine, not on {type(bind).__name__}.")
        self._door = door
        super().__init__(bind, **options)

    @property
    def door(self) -> Door:
        """The clinic's number, or ALL; a session keeps it for life."""
        return self._door


class ClinicSession(DoorSession):
    """A session in which tenant-owned models are one clinic's alone.

    `tenant_id` is the clinic's number; `options` are Session's own, such as `expire_on_commit=False`.
    Raises InvalidClinicError for what is no clinic's number, and UnknownClinicError when the first
    transaction begins and no clinic has it. A statement that cannot be kept to the clinic raises
    RefusedStatementError, an object of another clinic ForeignPatientError, both before any of it is sent.
    """

    def __init__(self, bind: Engine, *, tenant_id: int, **options: Any) -> None:
        # bool is an int to Python and True would be clinic 1.
        if type(tenant_id) is not int or not 0 < tenant_id <= _LARGEST:
            raise InvalidClinicError(f"A clinic's tenant_id is a positive int, not {tenant_id!r}.")
        self._tenant_id = tenant_id
        super().__init__(bind, tenant_id, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        return self._tenant_id

    @property
    def criteria(self) -> ORMOption:
        """What keeps a statement of the ORM to the clinic."""
        return _criteria(self._tenant_id)

    # Narrower than Session's: a door is asked for models, not for mappers or aliases.
    def get(self, entity: type[Entity], ident: Any, **options: Any) -> Entity | None:  # type: ignore[override]
        """Session.get, where the id alone names a row of this clinic: `get(Patient, 7)`."""
        return super().get(entity, *self._by_key(entity, ident, options), **options)

    def get_one(self, entity: type[Entity], ident: Any, **options: Any) -> Entity:  # type: ignore[override]
        """Session.get_one, where the id alone names a row of this clinic."""
        return super().get_one(entity, *self._by_key(entity, ident, options), **options)

    def _by_key(self, entity: type, ident: Any, options: dict[str, Any]) -> tuple[Any]:
        if not issubclass(entity, TenantOwned) or isinstance(ident, tuple | list | dict):
            return (ident,)
        model: Any = entity
        if not options and is_plain(model):
            options["execution_options"] = BY_KEY
        return ({TENANT_ID: self._tenant_id, "id": ident},)


class AllClinicsSession(DoorSession):
    """The administrator's door: every clinic's rows, nothing filtered and SQL text allowed.

    For jobs over all clinics only; search for AllClinicsSession to find every one. A new row needs its
    tenant_id given.
    """

    def __init__(self, bind: Engine, **options: Any) -> None:
        super().__init__(bind, AllClinics.ALL, **options)


def clinic_session(session: Session) -> ClinicSession:
    """The session an event of ClinicSession is about, typed."""
    return cast(ClinicSession, session)
