"""What a product's own event triggers write while it is migrated is told, and is no loss; a script's rows still are."""

from pathlib import Path

import pytest

from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import META_ADS, PRODUCT
from tests.rehearsal.snapshots import dump
from tests.rehearsal.test_rehearsal import rehearse
from tests.rehearsal.test_verdict import verdict, with_harm

AUDITED = """
CREATE TABLE ddl_audit (id serial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp(), tag text, pid int);
CREATE TABLE changes (schema_version int); INSERT INTO changes VALUES (7);
CREATE FUNCTION audit() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO ddl_audit (tag, pid) VALUES (tg_tag, pg_backend_pid()); {more} END $$;
CREATE EVENT TRIGGER audit_ddl ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION audit();
"""
NOTED = "el disparador de eventos audit_ddl escribió "


def audited(server: Server, folder: Path, more: str = "") -> Path:
    pool = Pool(server)
    database = pool.create("audited")
    PRODUCT.seeds.fill(database, 60)
    with database.connect() as connection:
        connection.exec_driver_sql(AUDITED.format(more=more), execution_options={"no_parameters": True})
        connection.exec_driver_sql("INSERT INTO ddl_audit (tag) VALUES ('CREATE TABLE')")
        connection.exec_driver_sql("SELECT setval('ddl_audit_id_seq', 5)")
    path = dump(database, folder, "custom.dump")
    pool.drop_all(but=set())
    return path


@pytest.fixture(scope="module")
def dumped(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(server, tmp_path_factory.mktemp("audited"))


def test_rows_they_add_are_told_and_are_no_loss(dumped: Path, server: Server) -> None:
    done = rehearse(dumped, script=META_ADS.script, on=server)
    assert done.returncode == 0, done.stdout
    assert verdict(done.stdout).startswith("se puede migrar: 60 pacientes de ")
    (line,) = [line for line in done.stdout.splitlines() if NOTED in line]
    assert line.startswith(f"  Para mirar antes: {NOTED}1 fila en ddl_audit durante el ensayo"), line


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("INSERT INTO public.ddl_audit (tag) VALUES ('ALTER TABLE')", "ddl_audit: sobran 3 filas: id 6, 7, 8"),
        ("DELETE FROM public.ddl_audit WHERE id = 1", "ddl_audit: falta 1 fila: id 1"),
        ("UPDATE public.ddl_audit SET tag = 'x' WHERE id = 1", "ddl_audit: cambió 1 fila: id 1 (tag)"),
        ("INSERT INTO public.changes VALUES (8)", "changes: sobra 1 fila"),
    ],
)
def test_what_the_script_does_to_the_same_table_is_refused(
    harm: str, said: str, dumped: Path, tmp_path: Path, server: Server
) -> None:
    done = rehearse(dumped, script=with_harm(tmp_path, harm), on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("no se puede migrar (60 pacientes ")
    assert f"No se puede: {said}" in done.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("UPDATE changes SET schema_version = schema_version + 1;", "changes: falta 1 fila"),
        ("PERFORM setval('patients_id_seq', 99999);", "secuencia patients_id_seq: cambió"),
        ("PERFORM setval('ddl_audit_id_seq', 1);", "secuencia ddl_audit_id_seq: cambió"),
        ("DELETE FROM ddl_audit WHERE id = 1;", "ddl_audit: falta 1 fila: id 1"),
        ("INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (1, '0', 'x');", "patients: sobra 1 fila"),
    ],
)
def test_what_they_do_to_rows_that_were_there_or_to_the_table_is_refused(
    more: str, said: str, tmp_path: Path, server: Server
) -> None:
    done = rehearse(audited(server, tmp_path, more), script=META_ADS.script, on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("no se puede migrar (60 pacientes ")
    assert f"No se puede: {said}" in done.stdout
