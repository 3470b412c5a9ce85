"""Schemas beside public are restored and compared; patients must be in public."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import PRODUCT
from steps.support.rehearsal.snapshot import look_at
from tests.rehearsal.snapshots import dump
from tests.rehearsal.test_rehearsal import rehearse

OTHERS = """
CREATE SCHEMA billing; CREATE SCHEMA "Caja 1"; CREATE SCHEMA nothing;
CREATE TYPE billing.plan AS ENUM ('basic', 'full');
CREATE TABLE billing.contracts (id int PRIMARY KEY, plan billing.plan NOT NULL);
CREATE TABLE "Caja 1".patients (id int PRIMARY KEY, name text);
INSERT INTO billing.contracts VALUES (1, 'full'); INSERT INTO "Caja 1".patients VALUES (1, 'Confidencial');
CREATE TABLE {schema}.tenants (id serial PRIMARY KEY, contract int REFERENCES billing.contracts, plan billing.plan);
CREATE TABLE {schema}.patients (id serial PRIMARY KEY, tenant_id int NOT NULL REFERENCES {schema}.tenants,
    first_name text, phone_number text, created_at timestamptz DEFAULT now());
CREATE VIEW billing.by_clinic AS SELECT tenant_id, count(*) FROM {schema}.patients GROUP BY 1;
INSERT INTO {schema}.tenants (contract, plan) VALUES (1, 'full'), (1, 'basic');
INSERT INTO {schema}.patients (tenant_id, first_name)
SELECT 1 + i % 2, 'Confidencial' || i FROM generate_series(1, 50) i;
"""


@pytest.fixture
def made(server: Server) -> Iterator[Database]:
    pool = Pool(server)
    yield pool.create("schemas")
    pool.drop_all(but=set())


def build(database: Database, schema: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.exec_driver_sql(OTHERS.format(schema=schema), execution_options={"no_parameters": True})


@pytest.mark.parametrize("name", ["custom.dump", "plain.sql"])
def test_further_schemas_are_compared(name: str, made: Database, tmp_path: Path) -> None:
    build(made, "public")
    done = rehearse(dump(made, tmp_path, name), "--format=null")
    assert done.returncode == 0, done.stdout
    assert re.search(r"Tablas y filas +4 tablas, 54 filas", done.stdout)
    assert re.search(r"Pacientes +50 de 2 clínicas", done.stdout)
    assert "Quedó afuera" not in done.stdout


def test_patients_elsewhere_are_refused(made: Database, tmp_path: Path) -> None:
    build(made, "clinic")
    address = made.url.set(drivername="postgresql").render_as_string()
    for source, shown in ((dump(made, tmp_path, "custom.dump"), "custom.dump"), (made.url, address)):
        with pytest.raises(
            SnapshotError, match=r"Caja 1.patients, clinic.patients alone, and .* tables in public"
        ) as said:
            look_at(source, PRODUCT)
        assert shown in str(said.value)
        assert "\n" not in str(said.value)
