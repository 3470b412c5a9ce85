"""Every way a table can be harmed is seen by the evidence, and named."""

from collections.abc import Iterator

import pytest

from steps.support import spanish
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.product import META_ADS, PRODUCT

CONTENT = [
    ("DELETE FROM patients WHERE id = 1", "se pierde 1 paciente (id 1, clínica 1)"),
    ("INSERT INTO patients (id, tenant_id, phone_number, first_name) VALUES (999, 1, '1', 'x')",
     "aparece 1 paciente que antes no había (id 999, clínica 1)"),
    ("UPDATE patients SET notes = notes || '.' WHERE id = 2", "notes en 1 paciente (id 2,"),
    ("UPDATE patients SET notes = NULL WHERE notes = ''", "patients.notes en "),
    ("UPDATE patients SET notes = '' WHERE notes IS NULL", "patients.notes en "),
    ("UPDATE patients SET first_name = trim(first_name)", "patients.first_name en "),
    ("UPDATE patients SET tenant_id = 2 WHERE id = 1", "tenant_id en 1 paciente (id 1,"),
    ("UPDATE patients SET updated_at = date_trunc('second', updated_at) WHERE id = 1",
     "updated_at en 1 paciente (id 1,"),
    ("UPDATE patients SET medical_history = medical_history - 'alergias'", "patients.medical_history en "),
    ("UPDATE patients a SET first_name = b.first_name FROM patients b WHERE a.id + b.id = 5 AND a.id IN (2, 3)",
     "first_name en 2 pacientes (id 2,"),
    ("UPDATE patients SET notes = normalize(notes, NFC)", "patients.notes en "),
    ("UPDATE tenants SET clinic_name = upper(clinic_name) WHERE id = 1", "clinic_name en 1 fila de tenants (id 1)"),
    ("TRUNCATE appointments", "se pierden 40 "),
    ("ALTER TABLE patients DROP COLUMN gender", "se pierde la columna patients.gender"),
    ("DROP TABLE appointments", "se pierde la tabla appointments"),
]  # fmt: skip

STRUCTURE = [
    ("ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_dni_key",
     "desaparece la restricción patients.patients_tenant_id_dni_key: era UNIQUE (tenant_id, dni)"),
    ("ALTER TABLE patients ADD CONSTRAINT c CHECK (id > 0) NOT VALID", "aparece la restricción patients.c"),
    ("DROP INDEX idx_patients_status", "desaparece el índice idx_patients_status"),
    ("ALTER TABLE patients DISABLE TRIGGER ALL",
     "cambia la restricción patients.patients_tenant_id_fkey: era enforced OOOO, y es enforced DDOO"),
    ("ALTER TABLE patients ALTER status SET DEFAULT 'x'", "cambia la columna patients.status: era default"),
    ("ALTER TABLE patients ALTER created_at SET NOT NULL",
     "cambia la columna patients.created_at: era attnotnull False, y es attnotnull True"),
    ("ALTER TABLE patients ALTER email TYPE varchar(300)", "cambia la columna patients.email"),
    ("ALTER TABLE patients ALTER notes SET STORAGE external", "cambia la columna patients.notes: era attstorage x"),
    ("ALTER TABLE patients ALTER insurance_provider SET STATISTICS -1",
     "cambia la columna patients.insurance_provider"),
    ("DROP TRIGGER patients_touch ON patients", "desaparece el disparador patients.patients_touch"),
    ("ALTER TABLE patients DISABLE TRIGGER patients_touch", "cambia el disparador patients.patients_touch"),
    ("REVOKE SELECT ON patients FROM pg_monitor", "desaparece el permiso patients.pg_monitor: era SELECT"),
    ("GRANT SELECT (notes) ON patients TO PUBLIC", "aparece el permiso de la columna patients.notes"),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC", "aparece el permiso por omisión"),
    ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "cambia la tabla patients: era relrowsecurity True"),
    ("DROP POLICY patients_of_one_clinic ON patients", "desaparece la política de filas"),
    ("COMMENT ON COLUMN patients.dni IS NULL", "cambia la columna patients.dni: era comment"),
    ("SELECT setval('patients_id_seq', 1)", "cambia la secuencia patients_id_seq: era position"),
    ("ALTER SEQUENCE patients_id_seq OWNED BY NONE", "cambia la secuencia patients_id_seq"),
    ("VACUUM FULL patients", "se reescribe la tabla patients"),
    ("CREATE TABLE patients_backup AS TABLE patients", "aparece la tabla patients_backup"),
    ("CREATE FUNCTION left_behind() RETURNS int LANGUAGE sql AS 'SELECT 1'", "aparece la función left_behind()"),
    ("CREATE TYPE left_behind AS ENUM ('a')", "aparece el tipo left_behind"),
    ("CREATE RULE r AS ON DELETE TO patients DO INSTEAD NOTHING", "aparece la regla patients.r"),
    ("ALTER TABLE patients SET (toast.autovacuum_enabled = false)", "cambia la tabla patients"),
    ("ALTER FUNCTION touch_updated_at() OWNER TO pg_monitor", "cambia la función touch_updated_at(): era owner"),
    ("ALTER TABLE patients REPLICA IDENTITY FULL", "cambia la tabla patients: era relreplident d"),
]  # fmt: skip

# What is there first, what becomes of it, what is found.
OBJECTS = [
    ("CREATE TYPE origin AS ENUM ('ad', 'friend')", "ALTER TYPE origin RENAME VALUE 'ad' TO 'AD'",
     "cambia el tipo origin: era labels ['ad', 'friend']"),
    ("CREATE DOMAIN phone AS text CHECK (VALUE <> '')", "ALTER DOMAIN phone SET NOT NULL", "cambia el tipo phone"),
    ("CREATE DOMAIN phone AS text", "ALTER DOMAIN phone ADD CHECK (VALUE <> '')", "aparece la restricción"),
    ("CREATE PUBLICATION p", "ALTER PUBLICATION p SET (publish = 'insert')", "cambia la publicación p: era pubdelete"),
    ("SELECT lo_from_bytea(4242, 'abc')", "SELECT lo_put(4242, 0, 'x')", "cambia el objeto grande 4242"),
    ("CREATE SCHEMA b; CREATE TABLE b.t (x int)", "ALTER TABLE b.t ADD y int", "aparece la columna b.t.y: integer"),
    ("CREATE RULE r AS ON DELETE TO patients DO INSTEAD NOTHING", "ALTER TABLE patients DISABLE RULE r",
     "cambia la regla patients.r: era ev_enabled O, y es ev_enabled D"),
    ("CREATE INDEX i ON patients ((id + 1))", "ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 7", "cambia el índice i"),
    ("CREATE UNIQUE INDEX i ON patients (id)", "ALTER TABLE patients REPLICA IDENTITY USING INDEX i",
     "cambia el índice i: era indisreplident False"),
    ("CREATE PUBLICATION p FOR TABLE patients (id, notes)", "ALTER PUBLICATION p SET TABLE patients (id, email)",
     "cambia la publicación de la tabla"),
    ("CREATE PUBLICATION p FOR TABLE patients WHERE (id < 9)", "ALTER PUBLICATION p SET TABLE patients",
     "cambia la publicación p: era tables"),
]  # fmt: skip


@pytest.fixture
def evidence(pool: Pool, database: Database) -> Iterator[Evidence]:
    copy = pool.clone(database, "copy")
    yield Evidence.take(database, copy, PRODUCT.tenant)
    pool.drop(copy)


def execute(database: Database, sql: str) -> None:
    with database.connect() as connection:
        # The seeded trigger would stamp updated_at and hide which column a case is about.
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(sql)


def said(findings: list[Finding]) -> list[str]:
    return [spanish.sentence(finding) for finding in findings]


def test_nothing_done_is_nothing_found(database: Database, evidence: Evidence) -> None:
    assert said(evidence.lost_content(database)) == []
    assert said(evidence.changed_structure(database)) == []


@pytest.mark.parametrize(("harm", "finding"), CONTENT)
def test_harm_to_content_is_named(database: Database, evidence: Evidence, harm: str, finding: str) -> None:
    execute(database, harm)
    found = said(evidence.lost_content(database))
    assert any(finding in line for line in found), found


@pytest.mark.parametrize(("harm", "finding"), STRUCTURE)
def test_harm_to_structure_is_named(database: Database, evidence: Evidence, harm: str, finding: str) -> None:
    execute(database, harm)
    found = said(evidence.changed_structure(database))
    assert any(line.startswith(finding) for line in found), found


@pytest.mark.parametrize(("there", "harm", "finding"), OBJECTS)
def test_harm_to_an_object_is_named(pool: Pool, database: Database, there: str, harm: str, finding: str) -> None:
    execute(database, there)
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    execute(database, harm)
    found = said(evidence.changed_structure(database))
    pool.drop(copy)
    assert any(line.startswith(finding) for line in found), found


def test_a_setting_a_role_keeps_in_every_database_is_seen(database: Database, evidence: Evidence) -> None:
    execute(database, "ALTER ROLE CURRENT_USER SET lock_timeout = '1s'")
    try:
        (line,) = said(evidence.changed_structure(database))
    finally:
        execute(database, "ALTER ROLE CURRENT_USER RESET lock_timeout")
    assert line.startswith("aparece el ajuste permanente role ")
    assert line.endswith("in all databases: ['lock_timeout=1s']")


def test_at_most_ten_rows_are_named(database: Database, evidence: Evidence) -> None:
    execute(database, "UPDATE patients SET notes = 'x'")
    (line,) = said(evidence.lost_content(database))
    assert line.count("clínica") == 10
    assert line.endswith("; …)")


def test_of_real_data_neither_keys_nor_values_nor_new_names_are_told(database: Database, evidence: Evidence) -> None:
    execute(database, 'DELETE FROM patients WHERE id = 1; ALTER TABLE patients ADD "Ana Pérez" int')
    execute(database, "CREATE INDEX ON patients (dni) WHERE dni = '00012345'")
    found = [*evidence.lost_content(database), *evidence.changed_structure(database)]
    told = "\n".join(spanish.lines(found, evidence.known))
    assert "Se pierde 1 paciente." in told
    for private in ("id 1", "Ana", "00012345"):
        assert private in "\n".join(spanish.lines(found))
        assert private not in told


def test_the_columns_a_migration_may_add_are_allowed_and_no_others(database: Database, evidence: Evidence) -> None:
    execute(database, "ALTER TABLE patients ADD meta_ad_id varchar, ADD other int")
    assert said(evidence.changed_structure(database, allowing=META_ADS)) == [
        "aparece la columna patients.other: integer"
    ]


def test_a_row_of_any_schema_is_compared(pool: Pool, database: Database) -> None:
    execute(database, 'CREATE SCHEMA "100%"; CREATE TABLE "100%"."T" (id int PRIMARY KEY, x int)'.replace("%", "%%"))
    execute(database, """INSERT INTO "100%%"."T" SELECT i, i FROM generate_series(1, 9) i""")
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    execute(database, 'UPDATE "100%%"."T" SET x = 0 WHERE id = 7')
    found = said(evidence.lost_content(database))
    pool.drop(copy)
    assert found == ["cambian datos de 100%.T.x en 1 fila de 100%.T (id 7)"]


def test_what_a_migration_adds_its_partitions_and_children_get(pool: Pool, database: Database) -> None:
    execute(database, "CREATE TABLE child () INHERITS (patients); CREATE TABLE grandchild () INHERITS (child)")
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    assert psql.run_file(database, META_ADS.script).succeeded
    assert said(evidence.changed_structure(database, allowing=META_ADS)) == []
    assert any("grandchild.meta_ad_id" in line for line in said(evidence.changed_structure(database)))
    execute(database, "ALTER TABLE grandchild ADD other int")
    assert said(evidence.changed_structure(database, allowing=META_ADS)) == [
        "aparece la columna grandchild.other: integer"
    ]
    pool.drop(copy)


def test_an_index_on_a_column_that_is_given_its_type_is_no_loss(pool: Pool, database: Database) -> None:
    execute(database, "ALTER TABLE patients ADD acquisition_source text, ADD meta_ad_id varchar(50)")
    execute(
        database, "CREATE INDEX i ON patients (acquisition_source); CREATE INDEX j ON patients (tenant_id, meta_ad_id)"
    )
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(database, copy)
    execute(database, "ALTER TABLE patients ALTER acquisition_source TYPE varchar, ALTER meta_ad_id TYPE varchar")
    assert said(evidence.changed_structure(database, allowing=META_ADS)) == []
    execute(database, "REINDEX INDEX j")
    (line,) = said(evidence.changed_structure(database, allowing=META_ADS))
    assert line.startswith("cambia el índice j: era relfilenode")
    pool.drop(copy)
