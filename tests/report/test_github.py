"""GitHub: annotations on the lines, a summary in Markdown, silence elsewhere."""

import re
from pathlib import Path

from tests.report.conftest import Outputs, run

ANNOTATION = re.compile(r"^::error file=([^,]+),line=(\d+),title=([^:]*)::(.*)$", re.M)


def unescaped(text: str) -> str:
    for code, character in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_every_cause_is_annotated_where_it_is_asked_for(every: Outputs) -> None:
    found = {
        unescaped(title): (file, int(line), unescaped(said))
        for file, line, title, said in ANNOTATION.findall(every.terminal)
    }
    assert len(found) == 11
    file, line, said = found["La columna <x> no es la esperada"]
    assert said == (
        "Falla con esperado y obtenido\nLa columna <x> no es la esperada.\n"
        "  esperado: 'VARCHAR <10>'\n  obtenido: 'TEXT & más'"
    )
    written = (Path(__file__).parent / "every_construct" / file).read_text(encoding="utf-8").splitlines()
    assert written[line - 1].strip() == "Then se esperaba 'VARCHAR <10>' y se obtuvo 'TEXT & más'"
    at = {title.partition("(")[0].strip(): place[:2] for title, place in found.items()}
    assert at["La preparación falló"] == ("features/b_endings.feature", 24)
    assert at["El gancho de la funcionalidad falla"] == ("features/c_broken.feature", 2)


def test_the_summary_says_the_verdict_the_figures_the_causes_and_the_requirements(every: Outputs) -> None:
    lines = every.markdown.splitlines()
    assert lines[0] == "## ✗ No cumple: hay 10 causas, por las que caen 10 escenarios."
    assert [line for line in lines if line.startswith("### ")] == [
        "### Ensayo sobre una copia", "### El gancho de la funcionalidad falla", "### Lo que está mal, por causas",
        "### Lo que pide la especificación",
    ]  # fmt: skip
    assert "| pacientes | 1.000.000 |" in lines
    assert r"| Para mirar antes | una cosa \| rara<br>y otra |" in lines
    assert (
        "| ✗ no se cumple | No se pierden datos de pacientes existentes. | 3. Criterios de aceptación | 2 de 4 pasan |"
        in lines
    )
    assert "<details open><summary>La columna &lt;x&gt; no es la esperada</summary>" in lines
    assert "  obtenido: 'TEXT & más'" in lines
    assert "- ↷ La fila cuatro da nada: todavía no existe en esta versión de Postgres" in lines
    assert lines[-1].endswith("Postgres 18.6, servidor de prueba · migrations/prueba.sql (SHA-256 `0123456789ab`)")


def test_nothing_passes_nought_of_nought(every: Outputs) -> None:
    assert "| ninguno corrió |" in every.markdown
    assert "0 de 0" not in every.markdown + every.html + every.terminal


def test_the_summary_is_markdown_whatever_is_in_it(every: Outputs) -> None:
    table = [line for line in every.markdown.splitlines() if line.startswith("|")]
    assert len(table) == 15
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {3, 5}
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
