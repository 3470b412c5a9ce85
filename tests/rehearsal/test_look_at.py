"""What to look at before is said in counts, with what to run afterwards; clean data are passed over in silence."""

from steps.support.postgres import columns
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from steps.support.rehearsal import remote
from steps.support.rehearsal.look_at import look_at
from tests.rehearsal.test_rehearsal import rehearse

DIRTY = """
ALTER TABLE patients ADD first_touch_ad_id text, ADD lead_source text, ADD last_campaign_id text,
    ADD acquisition_source text, ADD meta_ad_id varchar;
UPDATE patients SET first_touch_ad_id = 'x' WHERE id <= 5;
UPDATE patients SET last_campaign_id = 'x' WHERE id <= 7;
UPDATE patients SET acquisition_source = 'META_ADS' WHERE id <= 3;
UPDATE patients SET acquisition_source = 'ORGANIC', meta_ad_id = '120208466731140000' WHERE id = 4;
UPDATE patients SET meta_ad_id = '1.20208E+17' WHERE id IN (5, 6);
CREATE VIEW everything AS SELECT * FROM patients; CREATE VIEW one AS SELECT id FROM patients;
GRANT SELECT (id) ON patients TO pg_signal_backend;
ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_fkey;
UPDATE patients SET tenant_id = 999 WHERE id = (SELECT max(id) FROM patients);
"""


def seen(database: Database) -> list[str]:
    """What is told; but for what the seeds grant to everybody, a column of the table."""
    told = look_at(database, META_ADS, columns.read(database, META_ADS.relation))
    return [line for line in told if not line.startswith("PUBLIC ")]


def test_clean_data_are_passed_over(database: Database) -> None:
    assert seen(database) == []


def test_each_thing_is_told(database: Database) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(DIRTY)
    assert seen(database) == [
        "last_campaign_id tiene 7 valores y parece guardar lo mismo que meta_campaign_id, que nace vacía",
        "1 pacientes son de una clínica que no existe",
        "3 pacientes META_ADS no tienen anuncio",
        "1 pacientes ORGANIC tienen anuncio",
        "meta_ad_id tiene 2 valores que no son un id de Meta (2 en notación científica), y 1 que parecen redondeados "
        "por una planilla",
        "pg_signal_backend tiene permiso de SELECT por columna y no lo va a tener en las nuevas. Después: "
        "GRANT SELECT (meta_campaign_id, meta_ad_headline, meta_ad_body) ON public.patients TO pg_signal_backend;",
        "la vista everything muestra todas las columnas de hoy y no va a mostrar las nuevas. Después, si hacen falta: "
        "CREATE OR REPLACE VIEW everything AS …;",
    ]
    with database.connect() as connection:
        connection.exec_driver_sql("DROP VIEW everything, one; ALTER TABLE patients DROP meta_ad_id")
    assert "first_touch_ad_id tiene 5 valores y parece guardar lo mismo que meta_ad_id, que nace vacía" in seen(
        database
    )


def test_who_holds_the_source_is_told_by_kind_and_age(source: Database) -> None:
    with source.connect() as connection:
        connection.exec_driver_sql("BEGIN; SELECT count(*) FROM patients")
        held = remote.look_at(source.url, ["patients"]).held
        connection.exec_driver_sql("ROLLBACK")
    assert held == (
        "patients está tomada ahora en el origen por 1 (idle in transaction), desde hace 0 s: la migración esperaría a "
        "que termine",
    )


def test_a_locked_source_is_not_waited_for(source: Database) -> None:
    with source.connect() as connection:
        connection.exec_driver_sql("BEGIN; LOCK TABLE patients")
        done = rehearse(source.url.set(drivername="postgresql").render_as_string(hide_password=False))
        connection.exec_driver_sql("ROLLBACK")
    assert done.returncode == 1
    assert "does not let us in: canceling statement due to lock timeout" in done.stdout
    assert "VEREDICTO" not in done.stdout
