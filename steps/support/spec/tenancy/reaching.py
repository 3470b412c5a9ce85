"""What is done in a clinic's session, and would reach another clinic, were it not for the server."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, text, union_all, update
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant
from steps.support.vocabulary import Words


class Other(NamedTuple):
    """The clinic a deed names, and one of its patients, by their ids; 0 where it names none."""

    clinic: int = 0
    patient: int = 0


Deed = Callable[[Session, Other], Any]  # returns ids of patients, or None
Attempt = Callable[[Session, Patient], Any]  # with a patient of the other clinic's

_TABLE: Any = Patient.__table__
_IDS = "SELECT id FROM patients"


def lists(session: Session, _: Other) -> Any:
    """One's patients, by where they came from."""
    return session.scalars(select(Patient.id).order_by(Patient.acquisition_source, Patient.id))


def counts(session: Session, _: Other) -> Any:
    """Who is counted."""
    return session.scalars(select(func.array_agg(Patient.id)).select_from(Patient))


def joins(session: Session, _: Other) -> Any:
    """One's patients with the clinics they are of."""
    return session.scalars(select(Patient.id).join(Tenant, Tenant.id == Patient.tenant_id))


def unites(session: Session, _: Other) -> Any:
    """Two lists of patients as one."""
    return session.scalars(union_all(select(Patient.id), select(Patient.id)))


def deletes_by_hand(session: Session, _: Other) -> Any:
    """Every row."""
    return session.scalars(text("DELETE FROM patients RETURNING id"))


def deletes_another(session: Session, other: Other) -> Any:
    """The clinic, and its patients with it."""
    session.execute(delete(Tenant).where(Tenant.id == other.clinic))


# Nothing is returned by these two: to show a row, Postgres asks the policies for reading too.
def moves_all(session: Session, other: Other) -> Any:
    """Every row to the other clinic."""
    session.execute(text(f"UPDATE patients SET tenant_id = {other.clinic}"))


def adds_by_hand(session: Session, other: Other) -> Any:
    """A row of the other clinic's."""
    session.execute(
        text(f"INSERT INTO patients (tenant_id, phone_number, first_name) VALUES ({other.clinic}, 'x', 'x')")
    )


def truncates(session: Session, _: Other) -> Any:
    """The table."""
    session.execute(text("TRUNCATE patients CASCADE"))


def _by_the_driver(session: Session, _: Other) -> list[int]:
    cursor = session.connection().connection.cursor()
    cursor.execute(_IDS)
    return [number for (number,) in cursor.fetchall()]


SEARCHES: Words[Deed] = Words("la clínica '<clinic>' busca <what>", {
    "pacientes por el anuncio que los trajo": lambda session, _: session.scalars(
        select(Patient.id).where(Patient.meta_ad_id.like("12020846%"))
    ),
    "un paciente por un número que es de '<other>'": lambda session, other: session.scalars(
        select(Patient.id).where(Patient.id == other.patient)
    ),
})  # fmt: skip
READS: Words[Deed] = Words("la clínica '<clinic>' lee <what>", {
    "la lista entera, sin decir de quién": lambda session, _: session.scalars(select(_TABLE.c.id)),
    "con una consulta escrita a mano": lambda session, _: session.scalars(text(_IDS)),
    "con una consulta escrita a mano por los de '<other>'": lambda session, other: session.scalars(
        text(f"{_IDS} WHERE tenant_id = {other.clinic}")
    ),
    "por debajo del servicio, directo de la base de datos": _by_the_driver,
})  # fmt: skip
CHANGES: Words[Deed] = Words("la clínica '<clinic>' cambia <what>", {
    "la lista entera, sin decir de quién": lambda session, _: session.scalars(
        update(_TABLE).values(notes="x").returning(_TABLE.c.id)
    ),
    "con una orden escrita a mano": lambda session, _: session.scalars(
        text("UPDATE patients SET notes = 'x' RETURNING id")
    ),
    "a la clínica '<other>'": lambda session, other: session.scalars(
        update(Tenant).where(Tenant.id == other.clinic).values(owner_email="x").returning(Tenant.id)
    ),
})  # fmt: skip


def _foreign_name(session: Session, foreign: Patient) -> None:
    session.add(Patient(phone_number="x", first_name="x", tenant_id=foreign.tenant_id))


def _move(session: Session, foreign: Patient) -> None:
    own = session.scalars(select(Patient)).first()
    assert own
    session.info["sent"].clear()  # reading one's own is no part of the attempt
    own.tenant_id = foreign.tenant_id


REFUSED: Words[Attempt] = Words("la clínica '<clinic>' intenta <deed>", {
    "cargar un paciente a nombre de '<other>'": _foreign_name,
    "pasar un paciente suyo a '<other>'": _move,
    "guardar un paciente que otra sesión leyó de '<other>'": lambda session, foreign: session.add(foreign),
})  # fmt: skip
