"""The clinic and its patients with the relationships a service would add, on the same two tables."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from orchestrator_service.db.tenancy import TenantOwned, TenantRow


class Base(DeclarativeBase):
    """A registry of its own: these models are no part of the service."""


class Clinic(TenantRow, Base):
    __tablename__ = "tenants"

    owner_email: Mapped[str | None] = mapped_column(Text)
    people: Mapped[list["Person"]] = relationship(back_populates="clinic", order_by="Person.id")


class Person(TenantOwned, Base):
    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_number: Mapped[str]
    first_name: Mapped[str]
    notes: Mapped[str | None] = mapped_column(Text)
    clinic: Mapped[Clinic] = relationship(back_populates="people")
    appointments: Mapped[list["Appointment"]] = relationship(viewonly=True)


class Appointment(Base):
    __tablename__ = "appointments"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    person: Mapped[Person | None] = relationship(viewonly=True)
