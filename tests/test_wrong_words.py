"""A scenario written wrong fails: by a word that means nothing, or without its Given."""

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.gate.judging import Verdict, judge, written


def run(server: Server, name: str, scenarios: list[list[str]]) -> Verdict:
    file = ROOT / "build" / "wrong_words" / f"{name}.feature"  # under the root, for there behave finds the steps
    file.parent.mkdir(parents=True, exist_ok=True)
    blocks = [[f"  Scenario: {number}", *(f"    {line}" for line in one)] for number, one in enumerate(scenarios)]
    file.write_text("\n".join(["Feature: Mal escrito", *(line for block in blocks for line in block), ""]))
    return judge(META_ADS.script, META_ADS.tag, server, features=[str(file)])


@pytest.mark.parametrize(
    "lines",
    [
        ["Given la tabla está de cabeza"],
        ["Given alguien tiene ocupada la tabla"],
        ["Given un objeto Patient con poesía en cada dato nuevo"],
        ["Given la tabla ya tiene 'apellido' de un intento anterior"],
        ["Given la tabla ya tiene apellido de tipo TEXT"],
        ["Given la tabla ya tiene meta_ad_id de tipo NADA"],
        ["Given la tabla ya tiene datos", "When se ejecuta el script de migración '07_otro.sql'"],
    ],
    ids=lambda lines: lines[-1],
)
def test_a_wrong_word_fails(lines: list[str], server: Server) -> None:
    assert run(server, "a_wrong_word", [lines]).failed


def test_no_scenario_passes_without_its_given(server: Server) -> None:
    steps = [[step for step in one.all_steps if step.step_type != "given"] for one in written()]
    said = run(
        server, "without_given", [[f"{one.step_type.capitalize()} {one.name}" for one in kept] for kept in steps]
    )
    assert len(said.ran) > 100
    assert set(said.ran) == set(said.failed)
