"""The harness names nothing of the product: what it asks of any migration it asks of another one's too."""

from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from tests.gate.candidates import edited
from tests.gate.judging import judge
from tests.vehicles.product import HERE, INSPECTIONS, Run

ANY = "not @01_meta_ads_columns and not @02_tenant_isolation and not @citus"
FEATURES = sorted(map(str, [*(ROOT / "features").glob("**/*.feature"), *HERE.glob("*.feature")]))
UNCHANGED = "Ningún dato de ninguna clínica cambia"
RULES = "La tabla conserva sus reglas, índices y permisos"
GIVES_UP = "Si la tabla no se libera, se rinde y dice por quién"


def test_a_correct_script_passes(server: Server) -> None:
    verdict = judge(INSPECTIONS.script, INSPECTIONS.tag, server, tags=ANY, features=FEATURES, kind=Run)
    assert {title.partition(":")[0] for title in verdict.failed} == {GIVES_UP}, "it says nothing of who has the table"
    assert len(verdict.ran) > 30


@pytest.mark.parametrize(
    ("edit", "title", "saying"),
    [
        ("DEFAULT 'PENDING' ==>", "Revisión", "COLUMN_WRONG vehicles.inspection_result"),
        ("DEFAULT 'PENDING' ==> DEFAULT random()::text", RULES, "TABLE_REWRITTEN vehicles"),
        ("DELETE FROM vehicles WHERE id = 3;", UNCHANGED, "ROWS_LOST vehicles"),
    ],
    ids=["no default", "rewritten", "a row lost"],
)
def test_a_defect_is_refused(edit: str, title: str, saying: str, server: Server, tmp_path: Path) -> None:
    script = tmp_path / "defect.sql"
    script.write_text(edited(INSPECTIONS.script.read_text(encoding="utf-8"), [edit]), encoding="utf-8")
    verdict = judge(script, INSPECTIONS.tag, server, [title], features=FEATURES, kind=Run)
    assert verdict.found == [saying]
