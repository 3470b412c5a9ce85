"""One clinic's work, and what it may not reach."""

from behave import given, register_type, then, when
from parse_type import TypeBuilder
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient, Tenant
from orchestrator_service.db.tenancy import CrossTenantError
from steps.support.finding import Finding, Kind, differing
from steps.support.postgres import psql
from steps.support.postgres.roles import OWNER
from steps.support.postgres.server import first_line, rights
from steps.support.tenancy.clinics import SERVICE, Clinics, empty_and_in_use
from steps.support.tenancy.deeds import read
from steps.support.tenant_isolation import ISOLATION, ROLE
from steps.support.unmet import require
from steps.support.yesterday import OldPatient

UNKNOWN = 2_000_000
register_type(InUse=TypeBuilder.make_enum({"servicio de siempre": SERVICE, "dueño de las tablas": OWNER}))
NEW_TABLE = 'CREATE TABLE "{}" (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants)'


@given("la clínica '{one}' tiene {count:d} pacientes y la clínica '{other}' tiene {others:d}")
def two_clinics(context, one, count, other, others):
    """Crea dos clínicas con ese nombre y con la cantidad de pacientes que se nombra cada una."""
    world = context.world

    def apart(database):
        empty_and_in_use(database)
        world.expect_success(psql.run_file(database, world.suite.script_of(ISOLATION)), of=ISOLATION)

    world.begin_with(world.suite.changed("clinics apart", world.suite.before(ISOLATION), apart))
    context.clinics = Clinics(world.changing())
    with world.database.connect() as connection:
        if not rights(connection).superuser:  # which may take any role; the script's owner, only when told so
            connection.exec_driver_sql(f"GRANT {ROLE} TO CURRENT_USER")
            world.background.callback(_no_longer_a_member, world.database)
    context.clinics.add(one, count)
    context.clinics.add(other, others)


@given("una tabla nueva '{table}' con datos de cada clínica")
def new_table(context, table):
    """Crea una tabla con tenant_id, que nadie cuida todavía."""
    context.world.change(NEW_TABLE.format(table))


@when("la clínica '{clinic}' {deed}")
def clinic_does(context, clinic, deed):
    """Desde la sesión de una clínica se hace lo que se nombra, sin filtrar por clínica y termine como termine."""
    clinics = context.clinics
    act, named = read(deed)
    foreign = clinics.a_patient_of(named) if named in clinics.numbers else named
    with clinics.session(clinics.number(clinic)) as session:
        try:
            clinics.found = [*(act(session, foreign) or ())]
            session.commit()
        except (SQLAlchemyError, CrossTenantError) as refusal:
            clinics.refusal = refusal


@when("se lee en nombre de una clínica que no existe")
def unknown_clinic_reads(context):
    """Se abre la sesión de una clínica que no existe y se leen los pacientes."""
    clinics = context.clinics
    with clinics.session(UNKNOWN) as session:
        clinics.found = [*session.scalars(select(Patient.id))]


@when("se trabaja como clínica sin decir cuál")
def work_for_no_clinic(context):
    """Una sesión común se conecta como las clínicas, no dice cuál es, y lee."""
    clinics = context.clinics
    with Session(clinics.engine) as session:
        clinics.found = [*session.scalars(select(Patient.id))]


@when("administración cuenta los pacientes de todas las clínicas")
def administration_counts(context):
    """Cuenta los pacientes de todas con la conexión de administración, que es otra."""
    with Session(context.world.database.engine()) as session:
        context.clinics.found = [*session.scalars(select(Patient.id))]


@when("el {who:InUse} cuenta los pacientes de todas las clínicas")
def those_in_use_count(context, who):
    """Quien ya trabajaba, que no sabe de esto, lee a los pacientes de todas con los datos de su clínica."""
    with Session(context.world.database.engine()) as session:
        _become(session, who)
        query = select(OldPatient.id).join(Tenant, Tenant.id == OldPatient.tenant_id)
        context.clinics.found = [*session.scalars(query)]


@when("el {who:InUse} carga y cambia pacientes de todas las clínicas")
def those_in_use_work(context, who):
    """Quien ya trabajaba carga y cambia pacientes de todas, y lo deshace."""
    clinics = context.clinics
    with Session(context.world.database.engine()) as session:
        _become(session, who)
        for patient in session.scalars(select(OldPatient)):
            patient.notes = "de ayer"
        for number in clinics.numbers.values():
            session.add(OldPatient(tenant_id=number, phone_number="ayer", first_name="A"))
        session.flush()
        session.rollback()


@when("se revisa qué tablas quedan sin cuidar")
def check_tables(context):
    """Se ejecuta la revisión de 02_tenant_isolation.sql, que no cambia nada."""
    world = context.world
    script_of = world.suite.script_of(ISOLATION)
    world.outcomes.append(psql.run_file(world.database, script_of, {"migration.verify": "yes"}))


@then("la revisión no encuentra ninguna")
def check_finds_nothing(context):
    """La revisión terminó sin encontrar nada."""
    context.world.expect_success(context.world.outcome)


@then("la revisión nombra la tabla '{table}'")
def check_names(context, table):
    """La revisión falló y nombró la tabla."""
    outcome = context.world.outcome
    require(differing(Kind.NOT_REFUSED, "42P17", outcome.sqlstate, table))
    require([] if table in outcome.error() else [Finding(Kind.ERROR_UNCLEAR, table, "", table, outcome.error())])


@then("no aparece ningún paciente")
def none_appears(context):
    """No se obtuvo ningún paciente, de ninguna clínica."""
    found = context.clinics.found
    require([Finding(Kind.LEAKED, "patients", after=_ids(found))] if found else [])


@then("cuenta {count:d} pacientes")
@then("aparecen exactamente sus {count:d} pacientes")
def exactly_these_appear(context, count):
    """Lo obtenido son todos los pacientes que debían aparecer, y ninguno más."""
    clinics = context.clinics
    found = differing(Kind.VALUE_WRONG, count, len(set(clinics.found)), "patients")
    if found and clinics.refusal:
        found.append(Finding(Kind.SERVICE_FAILED, "patients", "leer", after=first_line(clinics.refusal)))
    require(found)


@then("no aparece ningún paciente de '{clinic}'")
def none_of_another_appears(context, clinic):
    """Entre lo obtenido no hay ningún paciente de la clínica que se nombra."""
    clinics = context.clinics
    seen = set(clinics.found) & set(clinics.values("id", clinic))
    require([Finding(Kind.LEAKED, "patients", after=f"{clinic}, {_ids(seen)}")] if seen else [])


@then("los {count:d} pacientes de '{clinic}' tienen origen '{source}'")
def all_have_source(context, count, clinic, source):
    """Todos los pacientes de la clínica tienen en la tabla el origen que se nombra."""
    found = context.clinics.values("acquisition_source", clinic)
    require(differing(Kind.VALUE_WRONG, [source] * count, found, "patients", "acquisition_source"))


@then("la clínica '{clinic}' tiene {count:d} pacientes")
def clinic_has(context, clinic, count):
    """La tabla tiene esa cantidad de pacientes de la clínica que se nombra."""
    require(differing(Kind.VALUE_WRONG, count, len(context.clinics.values("id", clinic)), "patients"))


@then("los pacientes de '{clinic}' siguen como estaban")
def patients_are_as_they_were(context, clinic):
    """Ni la clínica que se nombra ni sus pacientes cambiaron en ningún dato."""
    clinics = context.clinics
    changed = clinics.before[clinic] != clinics.rows(clinic)
    require([Finding(Kind.LEAKED, "patients", after=f"cambia algo de {clinic}")] if changed else [])


@then("se rechaza")
def refused(context):
    """El servicio rechazó el intento, y lo dice."""
    require(differing(Kind.NOT_REFUSED, CrossTenantError.__name__, type(context.clinics.refusal).__name__))


def _become(session, who):
    """SET ROLE to `who`. A login that is no superuser is the owner already."""
    if rights(session).superuser:
        session.execute(text(f"SET LOCAL ROLE {who}"))


def _no_longer_a_member(database):
    with database.connect() as connection:  # the way back is refused while there is one
        connection.exec_driver_sql(f"REVOKE {ROLE} FROM CURRENT_USER")


def _ids(numbers):
    return ", ".join(f"id {number}" for number in sorted(numbers))
