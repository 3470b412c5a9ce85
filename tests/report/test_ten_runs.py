"""What product reads of candidates that are wrong in one way each: headline, causes, red requirements."""

import io
import re
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from behave.configuration import Configuration

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from steps.support.report.run import Run, State
from steps.support.report.verdict import conclude
from tests.gate.judging import SharingRun
from tests.running import address

OURS = "migrations/01_meta_ads_columns.sql"
ISOLATION = "tests/gate/correct/02_tenant_isolation/plain.sql"
END = r"\nEND \$\$;\s*$"
SPEC = """DO $$ BEGIN
ALTER TABLE patients
ADD COLUMN IF NOT EXISTS acquisition_source VARCHAR DEFAULT 'ORGANIC',
ADD COLUMN IF NOT EXISTS meta_campaign_id VARCHAR,
ADD COLUMN IF NOT EXISTS meta_ad_id VARCHAR,
ADD COLUMN IF NOT EXISTS meta_ad_headline TEXT,
ADD COLUMN IF NOT EXISTS meta_ad_body TEXT;
END $$;
"""
COLUMNS = "La tabla patients gana cinco columnas"
DATA = "No se pierden datos"
SCHEMA = "La tabla queda con el esquema especificado"


@dataclass(frozen=True)
class Candidate:
    """One edit of a correct script, the features to run on it, and what is said of the run."""

    edit: tuple[str, str]
    features: str
    headline: str
    causes: str
    red: tuple[str, ...]
    script: str = OURS
    subject: str = "01_meta_ads_columns"

    def text(self) -> str:
        """The script; its edit must find what it replaces."""
        text, edits = re.subn(*self.edit, (ROOT / self.script).read_text(encoding="utf-8"))
        assert edits, self.edit
        return text


CANDIDATES = {
    "the specification's own SQL": Candidate(
        (r"(?s)\A.+", SPEC), "1_atribucion 2_columnas 2_repeticion 3_datos_existentes 3_persistencia 4_esquema "
        "5_bloqueo 6_soberania ademas/tablas_reales ademas/espera",
        "Cumple la especificación. De lo que pedimos además, no cumple: la migración hace cola por la tabla "
        "ocupada, y las clínicas esperan detrás. Y 1 motivo más.",
        "QUEUED COLUMN_LEFT",
        ("La migración entiende las tablas", "La migración espera su turno"),
    ),
    "a patient deleted": Candidate(
        (END, r"\n  DELETE FROM public.patients WHERE id = (SELECT max(id) FROM public.patients);\g<0>"),
        "1_atribucion 2_columnas 3_datos_existentes",
        "No cumple: se pierde 1 paciente (id 22, clínica 5).", "ROWS_LOST", (DATA,),
    ),
    "a column missing": Candidate(
        (r",\n *\(5, 'meta_ad_body', *'text', *NULL\)\)", ")"), "1_atribucion 2_columnas 3_datos_existentes",
        "No cumple: falta la columna patients.meta_ad_body.", "COLUMN_MISSING", (COLUMNS,),
    ),
    "a wrong default": Candidate(
        ("'ORGANIC'", "'ORGANICO'"), "1_atribucion 2_columnas 4_esquema",
        "No cumple: la columna patients.acquisition_source no es como se pide: se pide default 'ORGANIC', "
        "y hay default 'ORGANICO'.",
        "COLUMN_WRONG", (COLUMNS, SCHEMA),
    ),
    "a syntax error": Candidate(
        (END, r"\nEND IF $$;"), "1_atribucion 2_columnas 2_repeticion ademas/conducta",
        "No cumple: 01_meta_ads_columns.sql termina con error: el script está mal escrito.", "SCRIPT_FAILED", (),
    ),
    "a setting left behind": Candidate(
        (END, r"\n  PERFORM pg_catalog.set_config('work_mem', '64MB', false);\g<0>"), "1_atribucion ademas/conducta",
        "No alcanza para decir que cumple la especificación: pasó una parte (N de N). De lo que pedimos además, "
        "no cumple: la migración deja cambiada su sesión: el ajuste work_mem era 4096, y es 65536.",
        "SESSION_CHANGED", ("La migración se porta bien",),
    ),
    "JSONB for text": Candidate(
        ("'meta_ad_body', *'text'", "'meta_ad_body', 'jsonb'"), "2_columnas 3_persistencia 4_esquema",
        "No cumple: la columna patients.meta_ad_body no es como se pide: se pide TEXT, y hay JSONB. Y 1 motivo más.",
        "COLUMN_WRONG SCRIPT_FAILED", (COLUMNS, "La migración se puede ejecutar de nuevo", SCHEMA),
    ),
    "JSONB for text, and only a part run": Candidate(
        ("'meta_ad_body', *'text'", "'meta_ad_body', 'jsonb'"), "1_atribucion",
        "Lo que se ejecutó cumple (N de N); no alcanza para decir que cumple la especificación.", "", (),
    ),
    "policies that let all through": Candidate(
        (r"USING \(%s\)", "USING (true)"), "2_repeticion 4_esquema aislamiento/alcance",
        "No cumple: una clínica ve o cambia datos de otra: ", "LEAKED FACT_WRONG",
        ("Las tablas quedan con las políticas", "La base de datos cuida lo de cada clínica"),
        script=ISOLATION, subject="02_tenant_isolation",
    ),
}  # fmt: skip


def ran(candidate: Candidate, server: Server, folder: Path) -> Run:
    script = folder / "candidate.sql"
    script.write_text(candidate.text(), encoding="utf-8")
    defined = {"postgres": address(server), "patients": 20, "migration": script, "subject": candidate.subject}
    output = io.StringIO()
    with chdir(ROOT), redirect_stdout(output), redirect_stderr(output):
        runner = SharingRun(Configuration([
            "--format=steps.support.report.collect:Collector",
            *(f"--define={name}={value}" for name, value in defined.items()),
            *(f"features/{name}.feature" for name in candidate.features.split()),
        ]))  # fmt: skip
        runner.run()
        run: Run = runner.formatters[0].run()
    return run


@pytest.mark.parametrize("candidate", CANDIDATES.values(), ids=CANDIDATES)
def test_product_reads_what_is_wrong(candidate: Candidate, server: Server, tmp_path: Path) -> None:
    found = conclude(ran(candidate, server, tmp_path))
    assert re.sub(r"\d+ de \d+", "N de N", found.sentence).startswith(candidate.headline), found.sentence
    assert " ".join(one.finding.kind.name for one in found.causes if one.finding) == candidate.causes
    red = [one.text for one in found.proofs if one.state is State.BAD]
    assert len(red) == len(candidate.red), red
    assert all(map(str.startswith, red, candidate.red)), red
    assert found.state is not State.PASSED
