"""Every way a table can be harmed is seen by the evidence, and named."""

from collections.abc import Iterator

import pytest

from steps.support.evidence.before_after import Evidence
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.product import META_ADS

CONTENT = [
    ("DELETE FROM patients WHERE id = 1", "patients: falta 1 fila: id 1"),
    ("INSERT INTO patients (id, tenant_id, phone_number, first_name) VALUES (999, 1, '1', 'x')",
     "patients: sobra 1 fila: id 999"),
    ("UPDATE patients SET notes = notes || '.' WHERE id = 2", "patients: cambió 1 fila: id 2 (notes"),
    ("UPDATE patients SET notes = NULL WHERE notes = ''", "(notes"),
    ("UPDATE patients SET notes = '' WHERE notes IS NULL", "(notes"),
    ("UPDATE patients SET first_name = trim(first_name)", "(first_name"),
    ("UPDATE patients SET tenant_id = 2 WHERE id = 1", "id 1 (tenant_id"),
    ("UPDATE patients SET updated_at = date_trunc('second', updated_at) WHERE id = 1", "id 1 (updated_at"),
    ("UPDATE patients SET medical_history = medical_history - 'alergias'", "(medical_history"),
    ("UPDATE patients a SET first_name = b.first_name FROM patients b WHERE a.id + b.id = 5 AND a.id IN (2, 3)",
     "cambiaron 2 filas: id 2 (first_name"),
    ("UPDATE patients SET notes = normalize(notes, NFC)", "(notes"),
    ("UPDATE tenants SET clinic_name = upper(clinic_name) WHERE id = 1", "tenants: cambió 1 fila: id 1"),
    ("TRUNCATE appointments", "appointments: faltan 40 filas"),
    ("ALTER TABLE patients DROP COLUMN gender", "patients: la columna gender ya no existe"),
    ("DROP TABLE appointments", "appointments: la tabla ya no existe"),
]  # fmt: skip

STRUCTURE = [
    ("ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_dni_key", "restricción patients.patients_tenant_id_dni"),
    ("ALTER TABLE patients ADD CONSTRAINT c CHECK (id > 0) NOT VALID", "restricción patients.c: apareció"),
    ("DROP INDEX idx_patients_status", "índice idx_patients_status: desapareció"),
    ("ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_fkey", "clave foránea patients.patients_tenant_id_fkey"),
    ("ALTER TABLE patients DISABLE TRIGGER ALL", "clave foránea patients.patients_tenant_id_fkey: cambió"),
    ("ALTER TABLE patients ALTER status SET DEFAULT 'x'", "columna patients.status: cambió"),
    ("ALTER TABLE patients ALTER created_at SET NOT NULL", "columna patients.created_at: cambió"),
    ("ALTER TABLE patients ALTER email TYPE varchar(300)", "columna patients.email: cambió"),
    ("ALTER TABLE patients ALTER notes SET STORAGE external", "almacenamiento de la columna patients.notes: apareció"),
    ("ALTER TABLE patients ALTER insurance_provider SET STATISTICS -1", "almacenamiento de la columna"),
    ("DROP TRIGGER patients_touch ON patients", "disparador patients.patients_touch: desapareció"),
    ("ALTER TABLE patients DISABLE TRIGGER patients_touch", "disparador patients.patients_touch: cambió"),
    ("REVOKE SELECT ON patients FROM pg_monitor", "permisos patients para pg_monitor: desapareció"),
    ("REVOKE SELECT (id) ON patients FROM PUBLIC", "permisos de la columna patients.id: desapareció"),
    ("GRANT SELECT (notes) ON patients TO PUBLIC", "permisos de la columna patients.notes: apareció"),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC", "permisos por omisión of "),
    ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "seguridad por fila patients: cambió"),
    ("DROP POLICY patients_of_one_clinic ON patients", "política de filas"),
    ("COMMENT ON COLUMN patients.dni IS NULL", "comentario patients.dni: desapareció"),
    ("COMMENT ON TABLE patients IS 'otra'", "comentario patients: cambió"),
    ("SELECT setval('patients_id_seq', 1)", "secuencia patients_id_seq: cambió"),
    ("ALTER SEQUENCE patients_id_seq INCREMENT 2", "secuencia patients_id_seq: cambió"),
    ("VACUUM FULL patients", "archivo patients: cambió"),
    ("CREATE TABLE patients_backup AS TABLE patients", "objeto patients_backup: apareció"),
    ("CREATE FUNCTION left_behind() RETURNS int LANGUAGE sql AS 'SELECT 1'", "función left_behind(): apareció"),
    ("CREATE TYPE left_behind AS ENUM ('a')", "tipo left_behind: apareció"),
    ("CREATE SCHEMA left_behind", "esquema left_behind: apareció"),
    ("CREATE VIEW left_behind AS SELECT 1 AS x", "objeto left_behind: apareció"),
    ("CREATE RULE r AS ON DELETE TO patients DO INSTEAD NOTHING", "regla patients.r: apareció"),
    ("CREATE STATISTICS s ON status, gender FROM patients", "estadísticas s: apareció"),
    ("CREATE PUBLICATION p FOR TABLE patients", "publicación de la tabla patients: apareció"),
    ("ALTER TABLE patients SET (toast.autovacuum_enabled = false)", "objeto patients: cambió"),
    ("ALTER SEQUENCE patients_id_seq OWNED BY NONE", "secuencia patients_id_seq: cambió"),
    ("ALTER FUNCTION touch_updated_at() SET search_path = pg_temp", "función touch_updated_at(): cambió"),
    ("ALTER FUNCTION touch_updated_at() OWNER TO pg_monitor", "función touch_updated_at(): cambió"),
    ("ALTER TABLE patients SET (fillfactor = 50)", "objeto patients: cambió"),
    ("SELECT lo_create(4242)", "objetos grandes de la base de datos: cambió"),
    ("ALTER TABLE patients REPLICA IDENTITY FULL", "objeto patients: cambió"),
]


# What is there first, what becomes of it, what is found.
OBJECTS = [
    (
        "CREATE TYPE origin AS ENUM ('ad', 'friend')",
        "ALTER TYPE origin RENAME VALUE 'ad' TO 'AD'",
        "tipo origin: cambió",
    ),
    ("CREATE DOMAIN phone AS text CHECK (VALUE <> '')", "ALTER DOMAIN phone SET NOT NULL", "tipo phone: cambió"),
    ("CREATE DOMAIN phone AS text", "ALTER DOMAIN phone ADD CHECK (VALUE <> '')", "tipo phone: cambió"),
    ("CREATE PUBLICATION p", "ALTER PUBLICATION p SET (publish = 'insert')", "publicación p: cambió"),
    ("SELECT lo_from_bytea(4242, 'abc')", "SELECT lo_put(4242, 0, 'x')", "objetos grandes de la base de datos: cambió"),
    ("CREATE SCHEMA b; CREATE TABLE b.t (x int)", "ALTER TABLE b.t ADD y int", "columna b.t.y: apareció"),
]


@pytest.fixture
def evidence(pool: Pool, database: Database) -> Iterator[Evidence]:
    copy = pool.clone(database, "copy")
    yield Evidence.take(database, copy)
    pool.drop(copy)


def execute(database: Database, sql: str) -> None:
    with database.connect() as connection:
        # The seeded trigger would stamp updated_at and hide which column a case is about.
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(sql)


def test_nothing_done_is_nothing_found(database: Database, evidence: Evidence) -> None:
    assert evidence.lost_content(database) == []
    assert evidence.changed_structure(database) == []


@pytest.mark.parametrize(("harm", "finding"), CONTENT)
def test_harm_to_content_is_named(database: Database, evidence: Evidence, harm: str, finding: str) -> None:
    execute(database, harm)
    found = evidence.lost_content(database)
    assert any(finding in line for line in found), found


@pytest.mark.parametrize(("harm", "finding"), STRUCTURE)
def test_harm_to_structure_is_named(database: Database, evidence: Evidence, harm: str, finding: str) -> None:
    execute(database, harm)
    found = evidence.changed_structure(database)
    assert any(line.startswith(finding) for line in found), found


@pytest.mark.parametrize(("there", "harm", "finding"), OBJECTS)
def test_harm_to_an_object_is_named(pool: Pool, database: Database, there: str, harm: str, finding: str) -> None:
    execute(database, there)
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    execute(database, harm)
    found = evidence.changed_structure(database)
    pool.drop(copy)
    assert any(line.startswith(finding) for line in found), found


def test_a_setting_a_role_keeps_in_every_database_is_seen(database: Database, evidence: Evidence) -> None:
    execute(database, "ALTER ROLE CURRENT_USER SET lock_timeout = '1s'")
    try:
        (line,) = evidence.changed_structure(database)
    finally:
        execute(database, "ALTER ROLE CURRENT_USER RESET lock_timeout")
    assert line.startswith("ajuste permanente role ")
    assert "in all databases: apareció (lock_timeout=1s)" in line


def test_at_most_ten_rows_are_named(database: Database, evidence: Evidence) -> None:
    execute(database, "UPDATE patients SET notes = 'x'")
    (line,) = evidence.lost_content(database)
    assert line.count("(notes)") == 10
    assert line.endswith(", …")


def test_the_columns_a_migration_may_add_are_allowed_and_no_others(database: Database, evidence: Evidence) -> None:
    execute(database, "ALTER TABLE patients ADD meta_ad_id varchar, ADD other int")
    assert evidence.changed_structure(database, allowing=META_ADS) == [
        "columna patients.other: apareció (integer)",
        "posición de la columna patients.other: apareció (position 25)",
    ]


def test_a_row_of_any_schema_is_compared(pool: Pool, database: Database) -> None:
    execute(database, 'CREATE SCHEMA "100%"; CREATE TABLE "100%"."T" (id int PRIMARY KEY, x int)'.replace("%", "%%"))
    execute(database, """INSERT INTO "100%%"."T" SELECT i, i FROM generate_series(1, 9) i""")
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    execute(database, 'UPDATE "100%%"."T" SET x = 0 WHERE id = 7')
    found = evidence.lost_content(database)
    pool.drop(copy)
    assert found == ["100%.T: cambió 1 fila: id 7 (x)"]


PARTS = """
CREATE TABLE child () INHERITS (patients); CREATE TABLE grandchild () INHERITS (child);
"""


def test_what_a_migration_adds_its_partitions_and_children_get(pool: Pool, database: Database) -> None:
    execute(database, PARTS)
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    assert psql.run_file(database, META_ADS.script).succeeded
    assert evidence.changed_structure(database, allowing=META_ADS) == []
    assert any("grandchild.meta_ad_id" in line for line in evidence.changed_structure(database))
    execute(database, "ALTER TABLE grandchild ADD other int")
    assert "columna grandchild.other: apareció (integer)" in evidence.changed_structure(database, allowing=META_ADS)
    pool.drop(copy)


def test_an_index_on_a_column_that_is_given_its_type_is_no_loss(pool: Pool, database: Database) -> None:
    execute(database, "ALTER TABLE patients ADD acquisition_source text, ADD meta_ad_id varchar(50)")
    execute(
        database, "CREATE INDEX i ON patients (acquisition_source); CREATE INDEX j ON patients (tenant_id, meta_ad_id)"
    )
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    assert psql.run_file(database, META_ADS.script).succeeded
    assert evidence.changed_structure(database, allowing=META_ADS) == []
    execute(database, "REINDEX INDEX j")
    (line,) = evidence.changed_structure(database, allowing=META_ADS)
    assert line.startswith("archivo j: cambió")
    pool.drop(copy)
