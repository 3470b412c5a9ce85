"""Every way a table can be harmed is seen by the evidence, and named."""

from dataclasses import replace

import pytest

from steps.support import spanish
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding
from steps.support.postgres import psql
from steps.support.postgres.database import Database, Pool
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


@pytest.fixture(scope="module")
def evidence(seeded: Database) -> Evidence:
    """Of what every test's database is a clone of."""
    return Evidence.take(seeded, seeded, PRODUCT.tenant)


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


def test_at_most_ten_rows_are_named(database: Database, evidence: Evidence) -> None:
    execute(database, "UPDATE patients SET notes = 'x'")
    (line,) = said(evidence.lost_content(database))
    assert line.count("clínica") == 10
    assert line.endswith("; …)")


def test_of_real_data_neither_keys_nor_values_nor_new_names_are_told(database: Database, evidence: Evidence) -> None:
    execute(database, 'DELETE FROM patients WHERE id = 1; ALTER TABLE patients ADD "Ana Pérez" int')
    execute(database, "CREATE INDEX ON patients (dni) WHERE dni = '00012345'")
    found = [*evidence.lost_content(database), *evidence.changed_structure(database)]
    told = "\n".join(spanish.sentence(one, evidence.known) for one in found)
    assert "se pierde 1 paciente\n" in told
    for private in ("id 1", "Ana", "00012345"):
        assert private in "\n".join(spanish.lines(found))
        assert private not in told


def test_of_real_data_rows_that_were_written_are_hashed(pool: Pool, database: Database) -> None:
    copy = pool.clone(database, "copy")
    evidence = Evidence.take(replace(database, real=True), replace(copy, real=True), PRODUCT.tenant)
    execute(database, "UPDATE patients SET notes = notes")
    assert said(evidence.lost_content(database)) == []
    for one in (database, copy):  # one that changes both is not believed
        execute(one, "UPDATE patients SET notes = 'x' WHERE id = 1")
    assert said(evidence.lost_content(database)) == ["cambian datos de patients en al menos 1 paciente"]
    pool.drop(copy)


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
