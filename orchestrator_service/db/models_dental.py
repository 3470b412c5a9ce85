"""Clinics and their patients, as the orchestrator maps them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, validates

from orchestrator_service.db import storable
from orchestrator_service.db.base import Base
from orchestrator_service.db.not_migrated import MIGRATION
from orchestrator_service.db.tenancy import TenantOwned, TenantRow

_timestamptz = TIMESTAMP(timezone=True)
_META_ADS = {MIGRATION: "01_meta_ads_columns.sql"}


class Tenant(TenantRow, Base):
    """A clinic: one row per tenant of the platform."""

    __tablename__ = "tenants"

    clinic_name: Mapped[str] = mapped_column(Text, server_default="Clínica Dental")
    bot_phone_number: Mapped[str] = mapped_column(Text, unique=True)
    owner_email: Mapped[str | None] = mapped_column(Text)
    clinic_location: Mapped[str | None] = mapped_column(Text)
    clinic_website: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(_timestamptz, server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(_timestamptz, server_default=func.now())


class Patient(TenantOwned, Base):
    """A clinic's patient, and the Meta ad that brought them.

    Belongs to its clinic (spec 01, section 6): `ClinicSession` keeps to one clinic's. Its attribution is text
    that Postgres can hold, or UnstorableValueError as it is set.
    """

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_number: Mapped[str] = mapped_column(String(20))
    dni: Mapped[str | None] = mapped_column(String(15))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    birth_date: Mapped[date | None]
    gender: Mapped[str | None] = mapped_column(String(10))
    insurance_provider: Mapped[str | None] = mapped_column(String(100))
    insurance_id: Mapped[str | None] = mapped_column(String(50))
    insurance_valid_until: Mapped[date | None]
    medical_history: Mapped[dict[str, Any] | None] = mapped_column(JSONB, server_default=text("'{}'"))
    email: Mapped[str | None] = mapped_column(String(255))
    alternative_phone: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str | None] = mapped_column(String(20), server_default="active")
    preferred_schedule: Mapped[str | None] = mapped_column(String(50))
    notes: Mapped[str | None] = mapped_column(Text)
    human_handoff_requested: Mapped[bool | None] = mapped_column(server_default=false())
    human_override_until: Mapped[datetime | None] = mapped_column(_timestamptz)
    last_derivhumano_at: Mapped[datetime | None] = mapped_column(_timestamptz)
    created_at: Mapped[datetime | None] = mapped_column(_timestamptz, server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(_timestamptz, server_default=func.now())
    last_visit: Mapped[datetime | None] = mapped_column(_timestamptz)

    # SQLAlchemy leaves a None out of the INSERT when the column has a server default; evaluates_none()
    # writes it, so that None stays NULL and only a source that was not set becomes ORGANIC.
    acquisition_source: Mapped[str | None] = mapped_column(
        String().evaluates_none(), server_default="ORGANIC", info=_META_ADS
    )
    meta_campaign_id: Mapped[str | None] = mapped_column(String, info=_META_ADS)
    meta_ad_id: Mapped[str | None] = mapped_column(String, info=_META_ADS)
    meta_ad_headline: Mapped[str | None] = mapped_column(Text, info=_META_ADS)
    meta_ad_body: Mapped[str | None] = mapped_column(Text, info=_META_ADS)

    @validates("acquisition_source", "meta_campaign_id", "meta_ad_id", "meta_ad_headline", "meta_ad_body")
    def _storable(self, name: str, value: object) -> object:
        return storable.checked(name, value)

    __table_args__ = (
        UniqueConstraint("tenant_id", "phone_number", name="patients_tenant_id_phone_number_key"),
        UniqueConstraint("tenant_id", "dni", name="patients_tenant_id_dni_key"),
        Index("idx_patients_tenant_phone", "tenant_id", "phone_number"),
        Index("idx_patients_tenant_dni", "tenant_id", "dni"),
        Index("idx_patients_status", "status"),
        Index("idx_patients_insurance", "insurance_provider"),
        Index(
            "idx_patients_handoff",
            "human_handoff_requested",
            postgresql_where=text("human_handoff_requested = true"),
        ),
    )
