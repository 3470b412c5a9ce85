"""Yesterday's service's model: Patient as it was mapped before any migration."""

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Yesterday(DeclarativeBase):
    """The models of the day before."""


class OldPatient(Yesterday):
    """None of the columns that a migration adds."""

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    phone_number: Mapped[str]
    first_name: Mapped[str]
    notes: Mapped[str | None]
