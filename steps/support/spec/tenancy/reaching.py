"""What would reach another clinic from one's session, were it not for the server."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant

_TABLE: Any = Patient.__table__
_IDS = "SELECT id FROM patients"
DEEDS: dict[str, Callable[[Session, int], Any]] = {
    "lee la tabla sin filtrar": lambda session, _: session.scalars(select(_TABLE.c.id)),
    "lee con SQL escrito a mano": lambda session, _: session.scalars(text(_IDS)),
    "lee con SQL escrito a mano a nombre de 'Sur'": lambda session, other: session.scalars(
        text(f"{_IDS} WHERE tenant_id = {other}")
    ),
    "lee por la conexión del driver": lambda session, _: _by_the_driver(session),
    "cambia la tabla sin filtrar": lambda session, _: session.scalars(
        update(_TABLE).values(notes="x").returning(_TABLE.c.id)
    ),
    "cambia con SQL escrito a mano": lambda session, _: session.scalars(
        text("UPDATE patients SET notes = 'x' RETURNING id")
    ),
    "borra con SQL escrito a mano": lambda session, _: session.scalars(text("DELETE FROM patients RETURNING id")),
    # Nothing is returned: to show a row, Postgres asks the policies for reading too.
    "pasa a todos los pacientes a 'Sur'": lambda session, other: session.execute(
        text(f"UPDATE patients SET tenant_id = {other}")
    ) and None,
    "carga un paciente de 'Sur' con SQL escrito a mano": lambda session, other: session.execute(
        text(f"INSERT INTO patients (tenant_id, phone_number, first_name) VALUES ({other}, 'x', 'x')")
    ) and None,
    "vacía la tabla": lambda session, _: session.execute(text("TRUNCATE patients CASCADE")) and None,
    "borra a la clínica 'Sur'": lambda session, other: session.execute(delete(Tenant).where(Tenant.id == other)) and None,  # noqa: E501
    "cambia a la clínica 'Sur'": lambda session, other: session.scalars(
        update(Tenant).where(Tenant.id == other).values(owner_email="x").returning(Tenant.id)
    ),
}  # fmt: skip


def _by_the_driver(session: Session) -> list[int]:
    cursor = session.connection().connection.cursor()
    cursor.execute(_IDS)
    return [number for (number,) in cursor.fetchall()]


def _foreign_name(session: Session, foreign: Patient) -> None:
    session.add(Patient(phone_number="x", first_name="x", tenant_id=foreign.tenant_id))


def _move(session: Session, foreign: Patient) -> None:
    own = session.scalars(select(Patient)).first()
    assert own
    session.info["sent"].clear()  # reading one's own is no part of the attempt
    own.tenant_id = foreign.tenant_id


REFUSED: dict[str, Callable[[Session, Patient], Any]] = {
    "cargar un paciente a nombre de 'Sur'": _foreign_name,
    "pasar un paciente suyo a 'Sur'": _move,
    "guardar un paciente que otra sesión leyó de 'Sur'": lambda session, foreign: session.add(foreign),
}
