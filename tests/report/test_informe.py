"""The HTML report, of a run with every construct of Gherkin and every ending."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steps.support.attachable import Figure, Figures
from steps.support.product import META_ADS, PRODUCT
from steps.support.report import informe
from steps.support.report.model import About, Chapter, Examples, Outline, Run, Scenario
from steps.support.report.status import State
from steps.support.report.step import Attachment
from tests.report.conftest import PROJECT, Outputs, run
from tests.report.dom import Node, parse
from tests.report.soundness import problems


def scenario(page: Node, title: str) -> Node:
    """The box of a scenario or of an outline's row."""
    boxes = page.all(class_="row") + page.all(class_="scenario")
    return next(box for box in boxes if box.walk().__next__().words.startswith(title, 2))


ENDINGS = {
    "Pasa con tabla y texto": "pasa",
    "Falla con esperado y obtenido": "falla",
    "La fila <nombre> da <resultado>": "falla",
    "La fila tres da mal": "falla",
    "La fila cuatro da nada": "saltado",
    "Pasa bajo la regla": "pasa",
    "Rompe con una excepción": "error",
    "Bajo la regla saltada": "saltado",
    "Sin definir": "sin definir",
    "Pendiente": "pendiente",
    "Saltado por un paso con motivo": "saltado",
    "Saltado antes de empezar con motivo": "saltado",
    "El gancho de antes falla": "error",
    "El gancho de después falla": "error",
    "La limpieza falla": "error",
    "Adjunta de todo": "pasa",
    "Falla sin decir nada": "falla",
    "Falla con hallazgos": "falla",
    "Sin pasos y sin requisito": "no ejecutado",
    "Nunca empieza": "no ejecutado",
    "Tampoco empieza": "saltado",
}


def test_the_page_is_sound(every: Outputs) -> None:
    assert problems(every.page) == []


@pytest.mark.parametrize(("title", "ending"), ENDINGS.items())
def test_every_ending_is_told_in_a_word(every: Outputs, title: str, ending: str) -> None:
    heading = next(scenario(every.page, title).walk())
    assert heading.one(class_="state").words == ending


def test_the_verdict_is_one_sentence_with_the_date(every: Outputs) -> None:
    assert every.page.one("h1").words == ("No cumple: hay 10 causas, por las que caen 10 escenarios.")
    assert every.page.one(class_="detail").words == (
        "22 escenarios: 5 pasan, 4 fallan, 6 terminaron con error, 5 se saltaron y 2 no corrieron. "
        "9 requisitos: 3 no se cumplen, 3 no se pudieron comprobar y 3 no se comprobaron."
    )
    assert every.page.one("time").attributes["datetime"][:2] == "20"


def test_expected_and_obtained_stand_side_by_side_at_the_failing_step(every: Outputs) -> None:
    step = scenario(every.page, "Falla con esperado y obtenido").one("li", class_="failed")
    assert step.words.startswith("✗falla: Entonces se esperaba 'VARCHAR <10>'")
    compared = step.one(class_="compare")
    assert [node.words for node in compared.all("dt")] == ["Esperado", "Obtenido"]
    assert [node.words for node in compared.all("dd")] == ["'VARCHAR <10>'", "'TEXT & más'"]


def test_findings_keep_their_lines(every: Outputs) -> None:
    findings = scenario(every.page, "Falla con hallazgos").one(class_="findings").text
    assert [line.strip() for line in findings.splitlines()] == ["patients: falta id 7", "patients: sobra id 9"]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("El gancho de antes falla", "La preparación falló (before_scenario): RuntimeError: no hay servidor"),
        ("El gancho de después falla", "Lo que sigue al final falló (after_scenario): RuntimeError: no se pudo medir"),
        ("La limpieza falla", "La limpieza falló: OSError: la limpieza no pudo borrar"),
        ("Rompe con una excepción", "ValueError: se rompió <todo>"),
        ("Sin definir", "Nadie definió este paso."),
        ("Pendiente", "El paso está pendiente: falta escribirlo"),
        ("Falla sin decir nada", "La comprobación no se cumple, y no dice más."),
    ],
)
def test_what_went_wrong_is_said(every: Outputs, title: str, said: str) -> None:
    assert scenario(every.page, title).one(class_="subject").words == said


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("La fila cuatro da nada", "Saltado: todavía no existe en esta versión de Postgres."),
        ("Saltado antes de empezar con motivo", "Saltado: hace falta Docker."),
        ("Bajo la regla saltada", "Saltado: esta regla espera a la versión 2."),
        ("Tampoco empieza", "Saltado: esta funcionalidad espera a la versión 2."),
        ("Sin pasos y sin requisito", "No ejecutado: no tiene pasos."),
    ],
)
def test_what_was_skipped_says_why(every: Outputs, title: str, reason: str) -> None:
    assert scenario(every.page, title).one(class_="reason").words == reason


def test_a_features_broken_hook_stands_at_the_feature(every: Outputs) -> None:
    feature = next(node for node in every.page.all("article") if "El gancho de la funcionalidad" in node.words)
    assert "el gancho de la funcionalidad se rompió" in feature.all(class_="failure")[0].words


def test_the_text_is_as_written(every: Outputs) -> None:
    feature = every.page.all("article")[0]
    assert feature.one("h3").words == "Todas las construcciones & <ninguna> se pierde"
    assert 'y un "carácter" <raro> & otro.' in feature.all(class_="description")[0].text
    assert "@area-<b>" in feature.all(class_="tags")[0].words
    backgrounds = [node.words for node in feature.all(class_="background")]
    assert len(backgrounds) == 2
    assert backgrounds[0].startswith("Antecedentes: Lo que todos necesitan Dado un paso que pasa Y un paso con tabla")
    assert backgrounds[0].endswith("columna valor a 1 & <dos>")
    document = scenario(every.page, "Pasa con tabla y texto").one("pre", class_="document").text
    assert document == "SELECT '<b>' AS \"x\";\n  sangrado"
    rules = [node.one("h4").words for node in feature.all(class_="rule")]
    assert rules == ["Regla Una regla con su propio fondo", "Regla Una regla saltada entera"]


def test_an_outline_is_one_text_with_an_ending_a_row(every: Outputs) -> None:
    outline = scenario(every.page, "La fila <nombre> da <resultado>")
    tables = outline.all("table", class_="examples")
    assert [table.one("caption").words for table in tables] == ["Ejemplos: Las buenas", "Ejemplos: Las otras"]
    rows = [row.words for table in tables for row in table.one("tbody").all("tr")]
    assert rows == [
        "✓ pasa uno pasa bien",
        "✓ pasa dos pasa bien",
        "✗ falla tres falla mal",
        "↷ saltado cuatro salta nada",
    ]
    assert "Cuando un paso que <acción>" in outline.words


def test_a_background_step_is_told_again_only_where_it_failed(every: Outputs) -> None:
    assert "un paso con tabla" not in scenario(every.page, "Falla con esperado y obtenido").words


def test_captured_output_and_traces_are_folded(every: Outputs) -> None:
    folds = {node.one("summary").words: node.text for node in scenario(every.page, "Rompe").all("details")}
    assert "hola por stdout" in folds["Salida capturada"]
    assert "se rompió <todo>" in folds["Rastro del error"]
    assert not any("open" in node.attributes for node in every.page.all("details"))


def test_attachments_are_shown_as_what_they_are(every: Outputs) -> None:
    box = next(step for step in scenario(every.page, "Adjunta de todo").all("li") if "adjunta" in step.words)
    folds = {node.one("summary").words: node.one("pre").text for node in box.all("details")}
    assert folds["SQL"] == "SELECT 1 < 2"
    assert folds["Adjunto que no se muestra"] == "application/x-desconocido, 2 bytes"
    assert every.page.one("svg").attributes["aria-label"] == "Latencia"


def test_requirements_come_in_the_specs_order_with_what_proves_them(every: Outputs) -> None:
    listed = every.page.one("ol", class_="requirements").children
    told = {
        node.attributes["id"].removeprefix("01_meta_ads_columns-"): node for node in listed if isinstance(node, Node)
    }
    states = {tag: node.one(class_="chip").words[2:] for tag, node in told.items()}
    assert states == {
        "req-columnas": "no se cumple", "req-idempotente": "no se pudo comprobar", "req-modelo": "no se pudo comprobar",
        "req-datos": "no se cumple", "req-persistencia": "no se cumple", "req-esquema": "no se pudo comprobar",
        "req-bloqueo": "no se comprobó", "req-soberania": "no se comprobó", "req-conducta": "no se comprobó",
    }  # fmt: skip
    assert [node.words for node in told["req-datos"].all("a")] == [
        "Falla con esperado y obtenido", "La fila … da …", "Nunca empieza", "Tampoco empieza",
    ]  # fmt: skip
    assert ": 2 de 4 pasan" in told["req-datos"].words
    assert "Ningún escenario de esta corrida lo comprueba." in told["req-soberania"].words


def test_the_requirements_of_two_migrations_stand_apart() -> None:
    run = a_run([])
    page = parse(informe.page(replace(run, about=replace(run.about, subjects=PRODUCT.subjects))))
    assert problems(page) == []
    assert [node.words for node in page.all("h3", class_="of")] == [one.name for one in PRODUCT.subjects]


def test_a_feature_skipped_whole_is_folded_with_all_that_is_in_it(every: Outputs) -> None:
    folded = [node for node in every.page.all("details") if node.words.startswith("No corrió")]
    assert [node.one("summary").words for node in folded] == ["No corrió: su único escenario se saltó"]
    assert folded[0].one("h4").words == "↷ Tampoco empieza saltado"


def test_a_rehearsals_figures_come_first_and_pictures_last() -> None:
    run = a_run([Attachment("image/svg+xml", b"<svg><title>Espera</title><desc>En palabras</desc></svg>")])
    figures = Figures("Ensayo", "se puede migrar: sí.", [Figure("Pacientes", "1.000.000")], "accepted")
    page = parse(informe.page(replace(run, rehearsals=[figures])))
    assert problems(page) == []
    told = [node.words for node in page.all("h2")]
    assert told[:2] == ["Lo que se midió", "Lo que pide la especificación"]
    assert told[-1] == "Cuánto esperó cada anotación mientras se migraba"
    assert page.one("table", class_="figures").words == "Ensayo Pacientes 1.000.000"
    assert page.one("h1").words == "Se puede migrar: sí."
    assert page.one("figure").words == "s 0 Espera En palabras Espera. En palabras"


def test_an_outline_of_which_a_row_was_skipped_passes_and_says_of_how_many() -> None:
    page = parse(informe.page(a_run([], rows=(State.PASSED, State.SKIPPED, State.PASSED))))
    assert page.one("li", id="01_meta_ads_columns-req-modelo").one("ul").words == "✓ filas: 2 de 3 pasan, 1 se saltó"
    heading = next(node for node in page.all("h4") if "filas" in node.words)
    assert heading.words == "✓ filas pasa"


@pytest.mark.parametrize(("skipped", "folds"), [(3, []), (4, ["4 que se saltaron"])])
def test_what_proves_nothing_does_not_hide_what_does(skipped: int, folds: list[str]) -> None:
    page = parse(informe.page(a_run([], State.PASSED, *[State.SKIPPED] * skipped)))
    card = page.one("li", id="01_meta_ads_columns-req-datos")
    assert [node.one("summary").words for node in card.all("details")] == folds
    assert card.all("ul")[0].words.startswith("✓ s 0 (pasa)")
    assert [node.words for node in card.all("a")] == [f"s {n}" for n in range(skipped + 1)]
    outline = page.one("li", id="01_meta_ads_columns-req-modelo")
    assert outline.one("ul").words == "↷ fila (saltado)"


def test_an_outline_whose_row_of_another_migration_ran_folds_with_the_skipped() -> None:
    whose = ((META_ADS.name, State.SKIPPED), ("otra", State.PASSED))
    outlines = [
        Outline(f"filas {n}", (), [Examples("", ("a",), [
            (("1",), Scenario(f"fila {n}", "f", line, state, (), all_tags=frozenset({"req-datos"}), subject=subject))
            for line, (subject, state) in enumerate(whose, start=10 * n)
        ])])
        for n in range(1, 5)
    ]  # fmt: skip
    run = replace(a_run([]), features=[Chapter("f", outlines)])
    card = parse(informe.page(run)).one("li", id="01_meta_ads_columns-req-datos")
    assert [node.one("summary").words for node in card.all("details")] == ["4 que se saltaron"]


def a_run(attached: list[Attachment], *states: State, rows: Sequence[State] = (State.SKIPPED,)) -> Run:
    """Scenarios of one requirement that ended so, and an outline of another whose rows did."""
    tags = frozenset({"req-datos"})
    ended: list[Scenario | Outline] = [
        Scenario(f"s {n}", "f", n, state, (), all_tags=tags, subject=META_ADS.name, attachments=attached)
        for n, state in enumerate(states or [State.PASSED])
    ]
    outline = [
        Scenario("fila", "f", 99 + n, state, (), all_tags=frozenset({"req-modelo"}), subject=META_ADS.name)
        for n, state in enumerate(rows)
    ]
    ended.append(Outline("filas", (), [Examples("", ("a",), [(("1",), row) for row in outline])]))
    return Run([Chapter("f", ended)], About(subjects=(META_ADS,)), datetime(2026, 1, 1, tzinfo=UTC), 1.0)


def test_it_says_how_it_was_run(every: Outputs) -> None:
    about = every.page.one("dl", class_="about").words
    for said in (
        "18.6, servidor de prueba",
        "migrations/prueba.sql",
        "0123456789abcdef" * 4,
        "22 escenarios: 5 pasan, 4 fallan",
    ):
        assert said in about


def test_it_is_whole_without_its_script(every: Outputs) -> None:
    hidden = [node for node in every.page.walk() if "hidden" in node.attributes]
    assert [node.attributes["id"] for node in hidden] == ["filtro"], "only what needs the script waits for it"
    assert {node.words for node in hidden[0].all("option")} >= {"todos", "pasa", "falla", "error", "saltado"}
    told = [node for node in every.page.walk() if "data-state" in node.attributes]
    assert len({node.attributes.get("id") or node.words for node in told}) >= 22


def test_nothing_is_told_that_is_not_in_the_run(every: Outputs, tmp_path: object) -> None:
    assert "No está en la corrida" not in every.html
    assert tmp_path


def test_a_run_of_some_tells_only_those(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("some")
    html = folder / "one.html"
    done = run(folder, "-f", "informe", "-o", str(html), "-n", "La fila dos", "features/a_constructs.feature")
    assert done.returncode == 0, done.stdout
    page = parse(html.read_text(encoding="utf-8"))
    assert problems(page) == []
    assert [node.words[2:] for node in page.all("h4")] == ["La fila <nombre> da <resultado> pasa"]
    assert page.one("h1").words == ("Lo que se ejecutó cumple, y no fue todo.")
    assert "Cuánto esperó" not in page.words


def test_without_a_name_it_is_build_informe_html(tmp_path: Path) -> None:
    for part in PROJECT.iterdir():
        (tmp_path / part.name).symlink_to(part)
    done = run(tmp_path, "-f", "informe", "-n", "Pasa bajo la regla", project=tmp_path)
    assert "Report: build/informe.html\n" in done.stdout
    assert problems(parse((tmp_path / "build" / "informe.html").read_text(encoding="utf-8"))) == []


def test_the_sections_come_in_the_order_the_docs_tell(every: Outputs) -> None:
    told = [node.words for node in every.page.all("h2")]
    wanted = ["Lo que está mal, por causas", "Lo que pide la especificación", "Lo que se probó, tal como está escrito"]
    assert [title for title in told if title in wanted] == wanted, told
