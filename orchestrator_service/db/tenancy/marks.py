"""The marks of models whose rows are a clinic's."""

from typing import ClassVar

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column


class Scoped:
    """What both marks share: `__tenant_key__` is the attribute that holds the clinic's number."""

    __tenant_key__: ClassVar[str]


class TenantOwned(Scoped):
    """Mixin for a model whose rows belong to a clinic each: gives it `tenant_id`, which a clinic's session fills in."""

    __tenant_key__ = "tenant_id"

    # What the ORM does not add as an object, such as the rows of an insert(), gets its clinic from the transaction.
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"),
        insert_default=text("CAST(NULLIF(pg_catalog.current_setting('app.tenant_id', true), '') AS integer)"),
    )


class TenantRow(Scoped):
    """Mixin for the model of the clinics themselves: gives it `id`, the clinic's number."""

    __tenant_key__ = "id"

    id: Mapped[int] = mapped_column(primary_key=True)
