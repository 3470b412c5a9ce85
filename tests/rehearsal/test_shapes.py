"""Tables as they are in the wild are rehearsed as any other, and none of them is refused for what it is."""

import re
from pathlib import Path
from string import Template

import pytest

from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import META_ADS, PRODUCT
from steps.support.spec.starting_points import DISTRIBUTED, SHAPES, SHAPES_FOLDER
from tests.rehearsal.snapshots import dump
from tests.rehearsal.test_rehearsal import rehearse

DRIFTED = """
ALTER TABLE patients ADD acquisition_source text, ADD meta_ad_id varchar(50);
CREATE INDEX idx_source ON patients (tenant_id, acquisition_source); CREATE INDEX idx_ad ON patients (meta_ad_id);
UPDATE patients SET acquisition_source = 'web' WHERE id = 1;
"""
# What it calls is found where the caller of a migration looks for it.
WATCHED = """
CREATE TABLE log (x int);
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM log; END $$;
CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen();
"""
OF_ITS_OWN = {"a medio migrar, con índices": DRIFTED, "con un disparador de eventos": WATCHED}
NAMES = {"table": "patients", "key": "id", "tenant": "tenant_id", "column": "acquisition_source",
         "Table": "Patients", "Column": "Acquisition_Source"}  # fmt: skip


@pytest.mark.parametrize("shape", [*(one for one in SHAPES if one != DISTRIBUTED), *OF_ITS_OWN])
def test_every_shape_may_be_migrated(shape: str, server: Server, tmp_path: Path) -> None:
    pool = Pool(server)
    database = pool.create("shaped")
    PRODUCT.seeds.fill(database, 60)
    sql = OF_ITS_OWN.get(shape) or Template((SHAPES_FOLDER / SHAPES[shape]).read_text()).substitute(NAMES)
    with database.connect() as connection:
        connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    path = dump(database, tmp_path, "custom.dump")
    pool.drop_all(but=set())
    done = rehearse(path, script=META_ADS.script, on=server)
    assert done.returncode == 0, done.stdout
    assert re.search(r"VEREDICTO: se puede migrar: 60 pacientes de \d clínicas quedaron", done.stdout)
