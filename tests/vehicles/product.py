"""Another product for the harness: a garage, its vehicles, and one migration of theirs."""

from pathlib import Path

from orchestrator_service.db.settings import psycopg2_url
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.subject import Column, Product, Requirement, Seeds, Subject, Tenant
from tests.gate.judging import SharingRun

HERE = Path(__file__).parent
SEED = "INSERT INTO vehicles (garage_id, plate) SELECT mod(i, 3) + 1, 'AA ' || i FROM generate_series(1, {}) i"

INSPECTIONS = Subject(
    name="Revisiones",
    script=HERE / "01_inspections.sql",
    revision="0002",
    previous="0001",
    table="vehicles",
    rows="vehículos",
    tenant=Tenant("garage_id", "taller", "talleres"),
    columns={"inspection_result": Column("VARCHAR", default="PENDING"), "inspection_notes": Column("TEXT")},
    insert="INSERT INTO vehicles (garage_id, plate) VALUES (%(tenant)s, %(number)s) RETURNING id",
    values={"inspection_result": "'PASSED ' || id", "inspection_notes": "'nota ' || id"},
    requirements=(Requirement("req-datos", "2. Criterios", "No se pierden datos de vehículos existentes."),),
)


def tables(database: Database, _: Subject | None = None) -> None:
    assert psql.run_file(database, HERE / "00_vehicles.sql").succeeded


def fill(database: Database, rows: int) -> None:
    tables(database)
    with database.connect() as connection:
        connection.exec_driver_sql(SEED.format(rows))


class Run(SharingRun):
    PRODUCT = Product(
        title="Taller",
        subjects=(INSPECTIONS,),
        seeds=Seeds("vehicles", fewest=16, most=100, default=40, tables=tables, fill=fill),
        alembic=HERE / "alembic.ini",
        address=psycopg2_url,
    )
