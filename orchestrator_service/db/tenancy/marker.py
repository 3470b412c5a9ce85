"""The mark of a model whose rows belong to a clinic."""

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, MetaData, Table, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from orchestrator_service.db.tenancy import scope

TENANT_ID = "tenant_id"
_scoped: dict[Table, str] = {}


class Scoped:
    """What the two marks share: the attribute that holds the clinic's number."""

    __tenant_key__: ClassVar[str]


class TenantOwned(Scoped):
    """Mixin for a model whose rows belong to a clinic each: gives it `tenant_id`, which its session fills in."""

    __tenant_key__ = TENANT_ID

    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"), default=lambda context: scope.tenant_of(context.root_connection)
    )


class TenantRow(Scoped):
    """Mixin for the model of the clinics themselves: gives it `id`, the clinic's number."""

    __tenant_key__ = "id"

    id: Mapped[int] = mapped_column(primary_key=True)


@event.listens_for(Scoped, "after_mapper_constructed", propagate=True)
def _remember(mapper: Mapper[Any], model: type[Scoped]) -> None:
    table = mapper.local_table
    if not isinstance(table, Table) or model.__tenant_key__ not in table.c:
        raise TypeError(
            f"{model.__name__} is marked, but its table lacks {model.__tenant_key__}. Give it a table of its own."
        )
    _scoped[table] = model.__tenant_key__


def scoped_tables() -> tuple[Table, ...]:
    """The tables of all marked models, by name."""
    by_name = {table.fullname: table for table in _scoped}
    return tuple(by_name[name] for name in sorted(by_name))


def key_of(table: str) -> str | None:
    """The column that holds the clinic's number in a marked table of that name; None for any other."""
    return next((key for found, key in _scoped.items() if found.name == table), None)


def unmarked(metadata: MetaData) -> list[str]:
    """The tables of `metadata` with a `tenant_id` and no TenantOwned model, in order: there should be none."""
    tables = metadata.tables.values()
    return sorted(table.name for table in tables if TENANT_ID in table.c and table not in _scoped)
