"""Two clinics whose patients cannot be mistaken for each other's, and the models of a service that knows both."""

import re
from collections.abc import Iterable

from sqlalchemy import ForeignKey, Row, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from orchestrator_service.db.tenancy import TenantOwned, TenantRow
from steps.support.options import ROOT

ROLE = "orchestrator_tenant"
LOGIN = "clinics_login"  # has nothing but the role
SCRIPT = ROOT / "migrations" / "02_tenant_isolation.sql"
DOWN = ROOT / "migrations" / "02_tenant_isolation_down.sql"
NORTH, SOUTH = 2, 3
OURS = range(11, 15)
THEIRS = range(1001, 1005)

# Both clinics have the same four, so that a count of all rows is never right by chance.
PLANT = f"""
DELETE FROM patients;
INSERT INTO patients (id, tenant_id, phone_number, first_name, last_name, notes, email, birth_date, status,
                      medical_history, acquisition_source, meta_ad_id)
SELECT base + n, clinic, left(word, 1) || base + n, (ARRAY['Ana', 'Bruno', 'Carla', 'Dario'])[n], 'Paz',
       word || ' ' || base + n, (ARRAY['ana', 'bruno', 'carla', 'dario'])[n] || '@example.com',
       date '1980-01-01' + n * 1000, CASE n WHEN 4 THEN 'inactive' ELSE 'active' END,
       CASE WHEN n < 3 THEN jsonb_build_object('allergies', jsonb_build_array('latex'), 'visits', n) ELSE '{{}}' END,
       CASE WHEN n < 3 THEN 'META_ADS' ELSE 'ORGANIC' END, CASE WHEN n < 3 THEN '120208466731140' || n END
  FROM (VALUES ({NORTH}, 'north', 10), ({SOUTH}, 'south', 1000)) AS c(clinic, word, base), generate_series(1, 4) AS n;
INSERT INTO appointments (patient_id, starts_at) SELECT id, now() FROM patients;
UPDATE tenants SET owner_email = CASE id WHEN {NORTH} THEN 'north' ELSE 'south ' || id END, clinic_website = NULL;
SELECT setval('patients_id_seq', 5000, false);
"""
DOCS = (ROOT / "docs" / "backend.md").read_text(encoding="utf-8")
# Its statements for the login, for a table with tenant_id, and for one without: what belongs to patients one sees.
LOGINS, INVOICES, APPOINTMENTS = re.findall(r"```sql\n(.*?)```", DOCS, re.S)
DIGEST = f"""
SELECT (SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM patients AS p WHERE tenant_id <> {NORTH})
    || (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM tenants AS t WHERE id <> {NORTH})
"""


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


def theirs(found: object) -> list[object]:
    """The values in a result that only the other clinic has."""
    if isinstance(found, DeclarativeBase):
        return _among(vars(found).values())
    if isinstance(found, str):
        return [found] if "south" in found else []
    if isinstance(found, int):
        return [found] if found in THEIRS else []
    return _among(found) if isinstance(found, Row | list | tuple | set) else []


def _among(values: Iterable[object]) -> list[object]:
    return [leak for value in values for leak in theirs(value)]
