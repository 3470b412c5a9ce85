"""Patients as the service saves and reads them: through the model, a new session and connection each time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.harness import expect
from steps.support.harness.vocabulary import Words
from steps.support.spec.product import META_ADS
from steps.support.spec.world import World

CLINIC = 1
ATTRIBUTION = {
    "acquisition_source": "META_ADS", "meta_campaign_id": "120208466731130123", "meta_ad_id": "120208466731140456",
    "meta_ad_headline": "Blanqueamiento 🦷", "meta_ad_body": "Turnos esta semana\n¡Escribinos!",
}  # fmt: skip
AWKWARD_TEXTS: Words[Any] = Words("un objeto Patient con <text> en '<column>'", {
    "emoji": "🦷 sonrisa 👩🏽‍⚕️",
    "comillas": """'simples' "dobles" «latinas» \\ % $1 :x --""",
    "texto vacío": "",
    "texto de derecha a izquierda": "\u200fعيادة الأسنان\u200f שן",
    "varias líneas": "Turnos\n\thoy\r\n  y mañana  ",
    "un número de veinte cifras": "00120208466731130123",
    "un carácter nulo": "antes\0después",
    "medio emoji": "sonrisa \ud83e",
    "un número en vez de un texto": 120208466731140456,
    "un anuncio de 100 kB": "Promoción 🦷. " * 6400,
})  # fmt: skip


def new_patient(world: World, attribution: Mapping[str, str | None]) -> None:
    """A patient not saved yet; what `attribution` does not name is not set at all."""
    world.patient = Patient(phone_number="+5491199999999", first_name="Lucía", **attribution)
    world.saved = dict(attribution)


def save(world: World) -> None:
    """Save the patient; fail when the table refuses what the model says."""
    try:
        with ClinicSession(world.database.engine(), tenant_id=CLINIC) as session:
            session.add(world.patient)
            session.commit()
            assert world.patient
            world.patient_key = (world.patient.tenant_id, world.patient.id)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise AssertionError(
            f"El paciente no se pudo guardar: el modelo y la tabla no coinciden.\n  {reason}"
        ) from error


def saved_with_attribution(world: World) -> None:
    """A patient in the database with all five values."""
    new_patient(world, ATTRIBUTION)
    save(world)


def change(world: World, name: str, value: str) -> None:
    """Change one column of the saved patient, in a session of its own."""
    assert world.patient_key, "no step of this scenario has saved a patient"
    tenant_id, patient_id = world.patient_key
    world.before = _values(read_again(world))
    with ClinicSession(world.database.engine(), tenant_id=tenant_id) as session:
        setattr(session.get_one(Patient, patient_id), name, value)
        session.commit()


def expect_only_change(world: World, name: str) -> None:
    """Fail unless `name` changed and nothing else, but for the trigger's updated_at."""
    now = _values(read_again(world))
    changed = [column for column, value in now.items() if value != world.before[column] and column != "updated_at"]
    expect.equal("No cambió solamente lo que se cambió.", [name], changed)


def _values(patient: Patient) -> dict[str, Any]:
    return {name: getattr(patient, name) for name in inspect(Patient).columns.keys()}  # noqa: SIM118


def read_again(world: World) -> Patient:
    """The saved patient as another session on another connection reads it, within its clinic."""
    assert world.patient_key, "no step of this scenario has saved a patient"
    tenant_id, patient_id = world.patient_key
    with ClinicSession(world.database.engine(), tenant_id=tenant_id) as session:
        return session.get_one(Patient, patient_id)


def expect_saved(world: World) -> None:
    """Fail unless every value that was set reads back the same."""
    patient = read_again(world)
    for name, value in world.saved.items():
        expect.equal(f"patients.{name} no es lo que se guardó.", value, getattr(patient, name))


def expect_value(world: World, name: str, value: str | None) -> None:
    """Fail unless the column reads back as `value`."""
    expect.equal(f"patients.{name} no es el esperado.", value, getattr(read_again(world), name))


def expect_no_ad(world: World) -> None:
    """Fail when the patient reads back with a campaign or an ad."""
    for name in META_ADS.columns:
        if name.startswith("meta_"):
            expect_value(world, name, None)


def expect_all_five(world: World) -> None:
    """Fail unless the five columns read back as set, and those not set as their defaults."""
    assert set(META_ADS.columns) <= set(inspect(Patient).columns.keys())
    patient = read_again(world)
    wanted = {name: world.saved.get(name, column.default) for name, column in META_ADS.columns.items()}
    for name, value in wanted.items():
        expect.equal(f"patients.{name} no es lo que se guardó.", value, getattr(patient, name))
