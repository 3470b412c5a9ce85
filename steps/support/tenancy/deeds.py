"""What is done in a clinic's session, by the words for it; what would reach another clinic were it not for Postgres."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant

# With a patient of the clinic that the deed names, if it names one; returns ids of patients, or None.
Deed = Callable[[Session, Any], Iterable[int] | None]


def _moves_one_of_its_own(session: Session, foreign: Any) -> None:
    session.scalars(select(Patient).limit(1)).one().tenant_id = foreign.tenant_id


def _by_hand(sql: str, session: Session, foreign: Any) -> list[int]:
    result: Any = session.execute(text(sql.format(foreign and foreign.tenant_id)))
    return list(result.scalars()) if result.returns_rows else []


# A name in quotes may be any.
DEEDS: dict[str, Deed] = {
    "lista sus pacientes por origen": lambda s, _: s.scalars(select(Patient.id).order_by(Patient.acquisition_source)),
    "cuenta sus pacientes": lambda s, _: s.scalar(select(func.array_agg(Patient.id))),
    "busca pacientes por el anuncio que los trajo": lambda s, _: s.scalars(
        select(Patient.id).where(Patient.meta_ad_id.like("12020846%"))
    ),
    "busca un paciente por un número que es de '<other>'": lambda s, foreign: s.scalars(
        select(Patient.id).where(Patient.id == foreign.id)
    ),
    "mira sus pacientes junto con los datos de las clínicas": lambda s, _: s.scalars(
        select(Patient.id).join(Tenant, Tenant.id == Patient.tenant_id)
    ),
    "marca a todos los pacientes como '<other>'": lambda s, source: s.scalars(
        update(Patient).values(acquisition_source=source).returning(Patient.id)
    ),
    "borra todos los pacientes": lambda s, _: s.scalars(delete(Patient).returning(Patient.id)),
    "carga un paciente sin decir de qué clínica es": lambda s, _: s.add(Patient(phone_number="x", first_name="x")),
    "carga un paciente a nombre de '<other>'": lambda s, foreign: s.add(
        Patient(phone_number="x", first_name="x", tenant_id=foreign.tenant_id)
    ),
    "pasa un paciente suyo a '<other>'": _moves_one_of_its_own,
    "guarda un paciente que otra sesión leyó de '<other>'": lambda s, foreign: s.add(foreign),
}  # fmt: skip
# {0} is the number of the clinic that the deed names.
BY_HAND = {
    "lee con una consulta escrita a mano": "SELECT id FROM patients",
    "cambia con una orden escrita a mano": "UPDATE patients SET notes = 'x' RETURNING id",
    "borra con una orden escrita a mano": "DELETE FROM patients RETURNING id",
    # Nothing is returned by these two: to show a row, Postgres asks the policies for reading too.
    "pasa a todos los pacientes a '<other>'": "UPDATE patients SET tenant_id = {0}",
    "carga un paciente de '<other>' con una orden escrita a mano":
        "INSERT INTO patients (tenant_id, phone_number, first_name) VALUES ({0}, 'x', 'x')",
    "borra a la clínica '<other>'": "DELETE FROM tenants WHERE id = {0}",
    "cambia a la clínica '<other>'": "UPDATE tenants SET owner_email = 'x' WHERE id = {0}",
}  # fmt: skip
DEEDS |= {words: partial(_by_hand, sql) for words, sql in BY_HAND.items()}


def read(words: str) -> tuple[Deed, str]:
    """What the words mean, and the name in quotes, if there is one; raises AssertionError for other words."""
    said, _, rest = words.partition("'")
    name, _, more = rest.partition("'")
    deed = f"{said}'<other>'{more}" if name else said
    assert deed in DEEDS, f"«{words}» no es algo que haga una clínica. Puede ser: {'; '.join(DEEDS)}."
    return DEEDS[deed], name
