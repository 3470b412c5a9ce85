"""Two clinics with patients of their own, and what a scenario saw of them."""

from dataclasses import dataclass, field

from sqlalchemy import text

from steps.support.postgres.database import Database
from steps.support.vocabulary import known

NEW_CLINIC = "INSERT INTO tenants (clinic_name, bot_phone_number) VALUES (:name, :phone) RETURNING id"
NEW_PATIENTS = """
INSERT INTO patients (tenant_id, phone_number, first_name, notes, acquisition_source, meta_ad_id)
SELECT :clinic, 'scn ' || :clinic || ' ' || number, 'de ' || :name, 'nota', 'META_ADS', '1202084667311304' || number
FROM generate_series(1, :count) AS number
"""
FINGERPRINT = """
SELECT md5((SELECT t::text FROM tenants AS t WHERE id = :clinic)
        || coalesce((SELECT string_agg(p::text, '|' ORDER BY id) FROM patients AS p WHERE tenant_id = :clinic), ''))
"""


@dataclass
class Clinics:
    """The scenario's clinics by name, their patients' fingerprints, and what came of its When."""

    numbers: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    found: list[object] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # the SQL about patients that reached the server
    refusal: Exception | None = None

    def number(self, name: str) -> int:
        """The id of the clinic called so; fails with the names there are."""
        return self.numbers[known(name, "una clínica de este escenario", self.numbers)]


def seed(database: Database, counts: dict[str, int]) -> Clinics:
    """Clinics with so many patients each, by plain SQL."""
    clinics = Clinics()
    with database.connect() as connection:
        for name, count in counts.items():
            number = connection.scalar(text(NEW_CLINIC), {"name": name, "phone": f"bot {name}"})
            assert isinstance(number, int)
            connection.execute(text(NEW_PATIENTS), {"clinic": number, "name": name, "count": count})
            clinics.numbers[name] = number
    clinics.fingerprints = {name: fingerprint(database, number) for name, number in clinics.numbers.items()}
    return clinics


def fingerprint(database: Database, number: int) -> str:
    """What a clinic and its patients are now, to the letter."""
    with database.connect() as connection:
        return str(connection.scalar(text(FINGERPRINT), {"clinic": number}))


def ids(database: Database, number: int) -> list[int]:
    """The ids of a clinic's patients, in order."""
    query = "SELECT id FROM patients WHERE tenant_id = :clinic ORDER BY id"
    with database.connect() as connection:
        return list(connection.scalars(text(query), {"clinic": number}))


def sources(database: Database, number: int) -> dict[str, int]:
    """How many of a clinic's patients came from where."""
    query = "SELECT acquisition_source, count(*) FROM patients WHERE tenant_id = :clinic GROUP BY 1"
    with database.connect() as connection:
        return {source: count for source, count in connection.execute(text(query), {"clinic": number})}  # noqa: C416
