"""The page: what a reader finds in it, safe from what it quotes, and small enough for a mail."""

import re
from dataclasses import replace

from steps.support.finding import Finding, Kind
from steps.support.report.github import annotations, summary
from steps.support.report.page import page
from steps.support.report.run import Run, State, Step
from steps.support.report.terminal import failures
from steps.support.report.verdict import conclude
from steps.support.traffic.latency import Latency
from tests.report.runs import BESIDES, LOST, MISSING, QUEUED, rehearsed, run, scenario

ANCHORED = re.compile(r'href="#([^"]+)"')
SHORT = Latency([(0.0, 0.004), (0.5, 0.103)], [(0.2, 0.2)], 1234, 0.5)


def bad() -> Run:
    return run(scenario(LOST), scenario(MISSING, tags="req-columnas"), scenario(), scenario(QUEUED, file=BESIDES))


def test_the_first_screen_says_what_is_wrong_and_then_which_requirement() -> None:
    text = page(bad())
    order = ["No cumple: se pierde 1 paciente (id 137, clínica 5). Y 2 motivos más.", "4 escenarios: 1 pasa",
             "Buscar", "Lo que está mal", "Se pierde 1 paciente", "Se esperaba:",
             "Falta la columna patients.<wbr>meta_ad_id", "Requisitos", "no se cumple",
             "Lo que se probó", "Cómo se probó"]  # fmt: skip
    places = [text.index(words, text.index("<body>")) for words in order]
    assert places == sorted(places)


def test_every_link_leads_somewhere_and_every_scenario_has_its_place() -> None:
    made = bad()
    text = page(made)
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(ANCHORED.findall(text)) <= set(ids)
    assert {one.anchor for one in made.scenarios} <= set(ids)


def test_only_what_failed_is_open() -> None:
    text = page(bad())
    opened = re.findall(r'<details class="(\w+ ?\w*)"[^>]* open>', text)
    assert sorted(set(opened)) == ["feature bad", "scenario bad"]
    assert '<details class="scenario passed"' in text


def test_what_it_quotes_is_no_markup() -> None:
    evil = Finding(Kind.COLUMN_MISSING, "patients", "<script>x</script>")
    made = run(scenario(evil), replace(scenario(), title="a <b> & c", steps=[Step("Given", "<i>", 1)]))
    assert "<script>x" not in page(made)
    assert "a &lt;b&gt; &amp; c" in page(made)
    assert r"falta la columna patients.\<script\>" in "\n".join(summary(made))


def test_two_hundred_scenarios_that_pass_fit_in_a_mail() -> None:
    steps = [Step("Given", "la tabla de pacientes ya tiene datos de cinco clínicas y una vacía", 1)] * 5
    made = run(
        *[replace(scenario(), title=f"El título de un escenario, {number}", steps=steps) for number in range(200)]
    )
    assert len(page(made).encode()) < 150_000


def test_no_server_is_said_once() -> None:
    made = run(*[scenario(state=State.NOT_RUN) for _ in range(20)], problem="No Docker, and no embedded server.")
    assert page(made).count("No Docker") == 1
    assert "Lo que está mal" not in page(made)
    assert list(annotations(made)) == ["::error title=No Postgres::No Docker, and no embedded server."]
    assert list(failures(made, conclude(made), "behave")) == []


def test_what_was_not_selected_is_counted_and_not_named() -> None:
    other = scenario()
    text = page(run(scenario(), beside=[other]))
    assert "(1 de 2)" in text
    assert other.title not in text


def test_the_picture_is_of_the_longest_wait_in_four_numbers() -> None:
    short, long = (replace(scenario(), latency=one) for one in (SHORT, replace(SHORT, waits=[(0.0, 0.7)])))
    text = page(run(short, long, scenario()))
    assert text.count("<svg") == 1
    assert "Ocho personas hicieron 1.234 anotaciones mientras se migraba" in text
    assert "esperó más de 700 ms; el tope es de 500 ms." in text
    assert "<svg" not in page(run(short, replace(scenario(QUEUED), latency=SHORT)))  # it was ended at once


def test_a_rehearsal_shows_its_figures() -> None:
    text = page(rehearsed("accepted", "se puede migrar"))
    assert "4.812" in text
    assert "Informe del ensayo" in text
    assert not {"Requisitos", "Buscar", "Lo que se probó"} & set(re.findall(r"Requisitos|Buscar|Lo que se probó", text))
    assert "| Pacientes | 4.812 |" in summary(rehearsed("accepted", "se puede migrar"))


def test_github_hears_of_each_cause_at_its_step_and_reads_the_requirements_first() -> None:
    made = bad()
    first = made.scenarios[0]
    said = list(annotations(made))
    assert len(said) == 3
    assert said[0].startswith(f"::error file={first.file},line={first.steps[0].line},title=se pierde 1 paciente")
    text = "\n".join(summary(made))
    assert text.index("### Lo que pide la especificación") < text.index("### Lo que está mal")
    assert "| ✗ no se cumple | No se pierde nada" in text


def test_the_terminal_says_how_to_run_a_cause_alone() -> None:
    made = run(replace(scenario(LOST), title="¿Está (todo)?"), *[scenario(LOST) for _ in range(12)])
    text = "\n".join(failures(made, conclude(made), ".venv/bin/behave"))
    assert "✗ Se pierde 1 paciente (id 137, clínica 5)" in text
    assert "Run it alone: .venv/bin/behave -n '^¿Está \\(todo\\)\\?$'" in text
    assert "… y 2 más" in text
