"""GitHub: annotations on the lines, a summary in Markdown, silence elsewhere."""

import re
from pathlib import Path

from tests.report.conftest import Outputs, run

ANNOTATION = re.compile(r"^::error file=([^,]+),line=(\d+),title=([^:]*)::(.*)$", re.M)


def unescaped(text: str) -> str:
    for code, character in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_every_failure_is_annotated_at_its_step(every: Outputs) -> None:
    found = {
        unescaped(title): (file, int(line), unescaped(said))
        for file, line, title, said in ANNOTATION.findall(every.terminal)
    }
    assert len(found) == 11
    file, line, said = found["Falla con esperado y obtenido"]
    assert said == "La columna <x> no es la esperada.\n  esperado: 'VARCHAR <10>'\n  obtenido: 'TEXT & más'"
    written = (Path(__file__).parent / "every_construct" / file).read_text(encoding="utf-8").splitlines()
    assert written[line - 1].strip() == "Then se esperaba 'VARCHAR <10>' y se obtuvo 'TEXT & más'"
    assert found["El gancho de antes falla"][:2] == ("features/b_endings.feature", 23)
    assert found["El gancho de la funcionalidad falla"][:2] == ("features/c_broken.feature", 2)


def test_the_summary_says_the_verdict_the_requirements_and_the_failures(every: Outputs) -> None:
    lines = every.markdown.splitlines()
    assert lines[0].startswith("## ✗ No cumple: fallan 4 de 22 escenarios")
    assert (
        "| ✗ no se cumple | No se pierden datos de pacientes existentes. | 3. Criterios de aceptación | 2 de 7 pasan |"
        in lines
    )
    assert "<details open><summary>✗ falla: Falla con esperado y obtenido</summary>" in lines
    assert "  obtenido: 'TEXT & más'" in lines
    assert "- ↷ La fila cuatro da nada: todavía no existe en esta versión de Postgres" in lines
    assert lines[-1].endswith("Postgres 18.6, servidor de prueba · migrations/prueba.sql (SHA-256 `0123456789ab`)")


def test_the_summary_is_markdown_whatever_is_in_it(every: Outputs) -> None:
    table = [line for line in every.markdown.splitlines() if line.startswith("|")]
    assert len(table) == 10
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {5}
    fences = re.findall(r"^```", every.markdown, re.M)
    assert len(fences) % 2 == 0
    assert "Nombre <b>" not in every.markdown


def test_off_github_it_is_silent(tmp_path: Path) -> None:
    done = run(tmp_path, "-f", "github", "features/c_broken.feature")
    assert "::error" not in done.stdout
    assert not (tmp_path / "summary.md").exists()


def test_on_github_without_a_summary_file_it_annotates(tmp_path: Path) -> None:
    done = run(tmp_path, "-f", "github", "features/c_broken.feature", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY="")
    assert done.stdout.count("::error") == 1
