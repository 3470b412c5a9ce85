"""What is done in a clinic's session, by the words for it; what would reach another clinic were it not for Postgres."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant

# With a patient of the clinic that the deed names, if it names one; returns ids of patients, or None.
Deed = Callable[[Session, Any], Iterable[int] | None]


def _moves_one_of_its_own(session: Session, foreign: Any) -> None:
    own = session.scalars(select(Patient)).first()
    assert own
    own.tenant_id = foreign.tenant_id


def _text(session: Session, sql: str) -> list[int]:
    result: Any = session.execute(text(sql))
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
    "lee con una consulta escrita a mano": lambda s, _: _text(s, "SELECT id FROM patients"),
    "cambia con una orden escrita a mano": lambda s, _: _text(s, "UPDATE patients SET notes = 'x' RETURNING id"),
    "borra con una orden escrita a mano": lambda s, _: _text(s, "DELETE FROM patients RETURNING id"),
    # Nothing is returned by these two: to show a row, Postgres asks the policies for reading too.
    "pasa a todos los pacientes a '<other>'": lambda s, foreign: _text(
        s, f"UPDATE patients SET tenant_id = {foreign.tenant_id}"
    ),
    "carga un paciente de '<other>' con una orden escrita a mano": lambda s, foreign: _text(
        s, f"INSERT INTO patients (tenant_id, phone_number, first_name) VALUES ({foreign.tenant_id}, 'x', 'x')"
    ),
    "borra a la clínica '<other>'": lambda s, foreign: _text(s, f"DELETE FROM tenants WHERE id = {foreign.tenant_id}"),
    "cambia a la clínica '<other>'": lambda s, foreign: _text(
        s, f"UPDATE tenants SET owner_email = 'x' WHERE id = {foreign.tenant_id}"
    ),
}  # fmt: skip


def read(words: str) -> tuple[Deed, str]:
    """What the words mean, and the name in quotes, if there is one; raises AssertionError for other words."""
    said, _, rest = words.partition("'")
    name, _, more = rest.partition("'")
    deed = f"{said}'<other>'{more}" if name else said
    assert deed in DEEDS, f"«{words}» no es algo que haga una clínica. Puede ser: {'; '.join(DEEDS)}."
    return DEEDS[deed], name
