"""JUnit: every scenario, skips with reasons, environment errors as errors with their message."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.report.conftest import Outputs, run


def cases(folder: Path) -> dict[str, ET.Element]:
    return {case.attrib["name"]: case for file in folder.glob("*.xml") for case in ET.parse(file).iter("testcase")}


ENDINGS = {
    "Falla con esperado y obtenido": ("failure", "La columna <x> no es la esperada."),
    "Rompe con una excepción": ("error", "ValueError: se rompió <todo>"),
    "Sin definir": ("error", "Nadie definió este paso."),
    "Pendiente": ("error", "El paso está pendiente: falta escribirlo"),
    "El gancho de antes falla": ("error", "La preparación falló (before_scenario): RuntimeError: no hay servidor"),
    "El gancho de después falla": (
        "error",
        "Lo que sigue al final falló (after_scenario): RuntimeError: no se pudo medir",
    ),
    "La limpieza falla": ("error", "La limpieza falló: OSError: la limpieza no pudo borrar"),
    "Nunca empieza": (
        "error",
        "La preparación falló (before_feature): RuntimeError: el gancho de la funcionalidad se rompió",
    ),
    "Sin pasos y sin requisito": ("error", "no tiene pasos"),
    "Saltado antes de empezar con motivo": ("skipped", "hace falta Docker"),
    "La fila cuatro da nada": ("skipped", "todavía no existe en esta versión de Postgres"),
    "Bajo la regla saltada": ("skipped", "esta regla espera a la versión 2"),
    "Tampoco empieza": ("skipped", "esta funcionalidad espera a la versión 2"),
    "No está en la corrida": ("skipped", "not selected by -n, -t or the path"),
}


@pytest.mark.parametrize(("title", "ending"), ENDINGS.items())
def test_every_ending_but_a_success_says_why(every: Outputs, title: str, ending: tuple[str, str]) -> None:
    case = cases(every.junit)[title]
    elements = [child for child in case if child.tag != "system-out"]
    assert [(child.tag, child.attrib["message"]) for child in elements] == [ending]


def test_every_scenario_is_there_and_the_counts_agree(every: Outputs) -> None:
    suites = [ET.parse(file).getroot() for file in every.junit.glob("*.xml")]
    assert len(suites) == 5
    assert sum(int(suite.attrib["tests"]) for suite in suites) == 24 == len(cases(every.junit))
    for suite in suites:
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))


def test_a_success_has_its_steps_and_no_more(every: Outputs) -> None:
    case = cases(every.junit)["Pasa con tabla y texto"]
    assert [child.tag for child in case] == ["system-out"]
    assert "✓ When un paso con texto" in (case.findtext("system-out") or "")
    assert case.attrib["file"] == "features/a_constructs.feature"


def test_a_rehearsals_verdict_is_a_case_and_its_figures_are_properties(every: Outputs) -> None:
    suite = ET.parse(every.junit / "TESTS-rehearsal.xml").getroot()
    assert [(case.attrib["name"], len(case)) for case in suite.iter("testcase")] == [("Meta Ads", 0)]
    assert [(one.attrib["name"], one.attrib["value"]) for one in suite.iter("property")] == [
        ("migration", "Meta Ads"), ("verdict", "accepted"), ("rows", "1000000"), ("look_at", "una cosa; y otra"),
    ]  # fmt: skip


def test_expected_and_obtained_and_output_are_within(every: Outputs) -> None:
    found = cases(every.junit)
    failure = found["Falla con esperado y obtenido"].findtext("failure") or ""
    assert "esperado: 'VARCHAR <10>'" in failure
    assert "hola por stdout" in (found["Rompe con una excepción"].findtext("system-out") or "")


def test_what_stop_left_out_is_skipped_and_says_so(tmp_path: Path) -> None:
    run(tmp_path, "--stop", "--junit", "--junit-directory", str(tmp_path), "features/a_constructs.feature")
    ending = cases(tmp_path)["Pasa bajo la regla"].find("skipped")
    assert ending is not None
    assert "--stop" in ending.attrib["message"]
