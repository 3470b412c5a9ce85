"""Yesterday's service beside the migration: it knows nothing of what is new."""

import psycopg2
from behave import given, then, when
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from steps.support.finding import Finding, Kind, differing
from steps.support.unmet import require
from steps.support.yesterday import OldPatient

PHONE = "+5491177777777"
TURNS = 6  # the server makes a plan for all values after the fifth


@given("un servicio ya preparó sus consultas")
def service_has_prepared(context):
    """Un servicio dejó preparadas en el servidor sus consultas, cada columna por su nombre, y las usó."""
    world, subject = context.world, context.world.subject
    world.take_evidence()  # first: a database in use cannot be cloned
    columns, table, key = ", ".join(f'"{name}"' for name in world.columns()), subject.relation, subject.key
    first = f"{key} = (SELECT min({key}) FROM {table})"
    context.prepared = {
        "leer": f"SELECT {columns} FROM {table} WHERE {first}",
        "cargar": f"{subject.insert % {'tenant': 1, 'number': '$1::int'}}, {columns}",
        "cambiar": f"UPDATE {table} SET {subject.written} = {subject.written} WHERE {first} RETURNING {columns}",
    }
    context.connection = psycopg2.connect(world.database.driver_dsn())
    context.connection.autocommit = True
    world.background.callback(context.connection.close)
    with context.connection.cursor() as cursor:
        for name, statement in context.prepared.items():
            cursor.execute(f"PREPARE {name} AS {statement}")
    _run_prepared(context, begin=0)


@when("se ejecuta la migración con el servicio de siempre trabajando")
def migrate_under_old_service(context):
    """Ejecuta el script mientras un servicio anterior, que no conoce las columnas, sigue conectado y trabajando."""
    world = context.world
    world.take_evidence()
    context.old_service = create_engine(world.database.url, pool_size=1, max_overflow=0)
    world.background.callback(context.old_service.dispose)
    _work(context)
    world.run()


@then("el servicio de siempre sigue leyendo, cargando y cambiando pacientes")
def old_service_goes_on(context):
    """El servicio anterior lee, agrega y modifica pacientes después de la migración sin ningún error."""
    try:
        _work(context)
    except DBAPIError as error:
        require([Finding(Kind.SERVICE_FAILED, "patients", "trabajar", after=str(error.orig).strip())])


@then("el paciente que cargó figura como '{source}'")
def its_patient_has_source(context, source):
    """El paciente que agregó el servicio anterior tiene en la tabla el origen que se nombra."""
    found = context.world.change("SELECT acquisition_source FROM patients WHERE phone_number = %(p)s", {"p": PHONE})
    require(differing(Kind.VALUE_WRONG, source, found, "patients", "acquisition_source"))


@then("las consultas preparadas siguen andando sin un solo error")
def prepared_statements_go_on(context):
    """El servicio lee, agrega y modifica filas con las consultas que preparó antes de la migración, sin errores."""
    _run_prepared(context, begin=TURNS)


def _run_prepared(context, begin):
    with context.connection.cursor() as cursor:
        for turn in range(begin, begin + TURNS):
            for name in context.prepared:
                try:
                    cursor.execute(f"EXECUTE {name}" + f" ({1_000_000_000 + turn})" * (name == "cargar"))
                except psycopg2.Error as error:
                    table = context.world.subject.table
                    require([Finding(Kind.SERVICE_FAILED, table, name, after=str(error).strip(), what=error.pgcode)])


def _work(context):
    """Read, add and change patients; raises what the database says."""
    with Session(context.old_service) as session:
        mine = select(OldPatient).where(OldPatient.tenant_id == 1)
        if not session.scalars(mine).first():
            require([Finding(Kind.SERVICE_FAILED, "patients", "leer", after="no encuentra los pacientes que había")])
        for old in session.scalars(mine.where(OldPatient.phone_number == PHONE)):
            session.delete(old)
        session.flush()
        added = OldPatient(tenant_id=1, phone_number=PHONE, first_name="De ayer")
        session.add(added)
        session.flush()
        added.notes = "cambiada"
        session.commit()
