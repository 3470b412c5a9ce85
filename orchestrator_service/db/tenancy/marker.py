"""The mark of a model whose rows belong to a clinic."""

from typing import Any

from sqlalchemy import ForeignKey, MetaData, Table, event
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column

from orchestrator_service.db.tenancy.doors import door_of
from orchestrator_service.db.tenancy.errors import OutsideTheDoorError

TENANT_ID = "tenant_id"
_owned: dict[str, type] = {}


def _clinic_of_the_session(context: Any) -> int:
    """The default of `tenant_id`: the clinic of the session that inserts."""
    door = door_of(context.root_connection)
    if not isinstance(door, int):
        raise OutsideTheDoorError("A row without a tenant_id, and no clinic's session to take it from. Give it one.")
    return door


class TenantOwned:
    """Mixin for a model whose rows belong to one clinic each.

    Gives it `tenant_id`, which a clinic's session fills in. The mapper's key (not the table's) becomes
    (tenant_id, id): the ORM then identifies, refreshes, updates and deletes by both.
    """

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"), default=_clinic_of_the_session)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  declarative calls it with the class
        """The mapper's key, by column name."""
        return {"primary_key": [TENANT_ID, "id"]}


@event.listens_for(TenantOwned, "after_mapper_constructed", propagate=True)
def _remember(mapper: Mapper[Any], model: type) -> None:
    table = mapper.local_table
    keys = [column.name for column in mapper.primary_key]
    if not isinstance(table, Table) or TENANT_ID not in table.c or TENANT_ID not in keys:
        raise TypeError(
            f"{model.__name__} is TenantOwned, but its table or its mapper's primary_key lacks tenant_id. "
            "Give it a table of its own and leave __mapper_args__['primary_key'] to the mixin."
        )
    _owned.setdefault(table.name, model)


def owned_tables() -> frozenset[str]:
    """The names of the tables whose rows belong to a clinic each."""
    return frozenset(_owned)


def outside(table: str) -> str:
    """What is said of a tenant-owned table's use without a door."""
    model = _owned[table].__name__
    return f"{model} belongs to a clinic: open ClinicSession(engine, tenant_id=…), or AllClinicsSession for them all."


def unmarked(metadata: MetaData) -> list[str]:
    """The tables of `metadata` with a `tenant_id` and no TenantOwned model, in order: there should be none."""
    return sorted(table.name for table in metadata.tables.values() if TENANT_ID in table.c and table.name not in _owned)
