"""A second migration, through the same harness: two columns on appointments, beside those on patients."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from steps.support import product
from steps.support.declared import Seeds
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.runner import Acceptance
from steps.support.seeds import seed
from steps.support.subject import Column, Model, Requirement, Subject

HERE = Path(__file__).parent


class Base(DeclarativeBase):
    """The models of another service."""


class Appointment(Base):
    __tablename__ = "appointments"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int]
    starts_at: Mapped[datetime]
    reminder_channel: Mapped[str | None] = mapped_column(String, server_default="WHATSAPP")
    reminder_note: Mapped[str | None]


REMINDERS = Subject(
    name="Recordatorios",
    script=HERE / "migrations" / "04_appointment_reminders.sql",
    revision="0004",
    previous="0003",
    table="appointments",
    rows="turnos",
    columns={"reminder_channel": Column("VARCHAR", default="WHATSAPP"), "reminder_note": Column("TEXT")},
    insert="INSERT INTO appointments (patient_id, starts_at) "
    "VALUES (%(tenant)s, timestamptz '2030-01-01 00:00+00' + %(number)s * interval '1 second') RETURNING id",
    values={"reminder_channel": "'SMS ' || id", "reminder_note": "'nota ' || id"},
    may_lose="drop_reminders=yes",
    model=Model(Appointment, {"patient_id": 1, "starts_at": datetime(2026, 12, 24, 9, tzinfo=UTC)}, Session),
    requirements=(
        Requirement(
            "req-columnas", "2. Requerimientos técnicos", "Cada turno gana su canal y su nota de recordatorio."
        ),
        Requirement("req-datos", "3. Criterios de aceptación", "No se pierden datos de turnos existentes."),
    ),
)


def tables(database: Database, subject: Subject) -> None:
    seed.tables(database)
    if subject == REMINDERS:
        psql.run_file(database, HERE / "migrations" / "03_appointments.sql")


PRODUCT = replace(
    product.PRODUCT,
    subjects=(*product.PRODUCT.subjects, REMINDERS),
    seeds=Seeds("patients", fewest=16, usual=40, tables=tables, fill=seed.fill),
    alembic=HERE / "alembic.ini",
)


class Run(Acceptance):
    PRODUCT = PRODUCT
