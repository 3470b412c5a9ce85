"""The report of 500 scenarios is made in under a second, and stays small; a run where all fails stays readable."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from behave.model_type import Status
from behave.parser import parse_file

from steps.support.attachable import SERVER_LOG, SQL
from steps.support.expect import Comparison, UnmetError
from steps.support.options import ROOT
from steps.support.product import META_ADS, PRODUCT
from steps.support.report import github, informe, terminal
from steps.support.report.attachments import PICTURE
from steps.support.report.causes import causes
from steps.support.report.from_behave import Reader
from steps.support.report.latency_chart import svg
from steps.support.report.model import About, Chapter, Run, Scenario, Script
from steps.support.report.status import Failure, State
from steps.support.report.step import Attachment, Step
from steps.support.report.terminal import Ink
from steps.support.traffic.latency import Latency
from tests.report.dom import parse
from tests.report.soundness import problems

pytestmark = pytest.mark.alone

SCENARIOS = 500
HANG_SECONDS = 30.0  # the figure is printed; a loaded machine is no failure


ABOUT = About(subjects=(META_ADS,), scripts=(Script("s.sql", "0" * 64),), planned=500)


def many(state: State) -> Run:
    """A run of 500 scenarios in 20 features, six steps each; when they fail, with all that a failure has."""
    failure = Failure("No es.", [Comparison("obtenido " * 9, "esperado " * 9)]) if state.bad else None
    traces = [Attachment(SQL, b"SELECT 1;\n" * 300), Attachment(SERVER_LOG, b"ERROR: no\n" * 100)] if failure else []
    features = [
        Chapter(
            f"Funcionalidad {f}",
            [
                Scenario(
                    f"Escenario {f} {n} con un título de largo corriente", f"features/{f}.feature", n * 8, state,
                    [Step("Given", f"un paso {i} de un largo corriente", n * 8 + i) for i in range(5)]
                    + [Step("Then", "un paso que decide", n * 8 + 6, state, failure=failure)],
                    all_tags=frozenset({META_ADS.requirements[n % len(META_ADS.requirements)].tag}),
                    subject=META_ADS.name, attachments=traces,
                )
                for n in range(SCENARIOS // 20)
            ],
        )
        for f in range(20)
    ]  # fmt: skip
    return Run(features, ABOUT, datetime(2026, 1, 1, tzinfo=UTC), 9.0)


@pytest.mark.parametrize("state", [State.PASSED, State.FAILED], ids=lambda state: state.value)
def test_500_scenarios(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    run = many(state)
    began = time.perf_counter()
    page = informe.page(run)
    seconds = time.perf_counter() - began
    with capsys.disabled():
        size = len(page.encode()) // 1000
        print(f"\n  report of {SCENARIOS} scenarios that all {state.name}: {seconds:.2f} s, {size} kB")
    assert seconds < HANG_SECONDS
    assert problems(parse(page)) == []
    assert len(github.summary(run).encode()) < 1 << 20


def test_the_size_is_bounded_where_everything_fails() -> None:
    run = many(State.FAILED)
    page = informe.page(run)
    assert page.count("<summary>SQL") == 1, "what an engineer looks at is the first of a cause"
    causes_told = next(one for one in parse(page).all("section") if one.attributes.get("aria-labelledby") == "causas")
    folded = causes_told.one("details")
    assert "open" not in folded.attributes
    assert folded.one("summary").words == f"{SCENARIOS - 1} más caen por lo mismo"
    each = [replace(one, steps=[Step("Then", "x", 1, one.state, failure=Failure(f"Causa {chr(0x4E00 + n)}."))])
            for n, one in enumerate(run.scenarios)]  # fmt: skip
    page = informe.page(replace(run, features=[Chapter("f", each)]))
    assert "No se incluyen, para que el informe siga siendo pequeño." in page
    assert page.count("<summary>SQL") < 60


def test_a_terminal_shows_ten_causes_whole_and_a_line_of_two_more() -> None:
    run = many(State.FAILED)
    distinct = [replace(one, steps=[Step("Then", "x", 1, one.state, failure=Failure(f"Causa {chr(0x4E00 + n)}."))])
                for n, one in enumerate(run.scenarios)]  # fmt: skip
    told = Run([Chapter("f", distinct)], About(), run.began, 1.0)
    text = "\n".join(terminal.failures(told, causes(told), Ink(), "behave"))
    assert text.count("\nFAILED ") == 10
    assert text.count("Run the first alone:") == 1
    assert f"\n500 causes\n  1. Causa {chr(0x4E00)}\n" in text
    assert "  and 488 more, in the report\n" in text
    assert len(text.split("500 causes")[1].splitlines()) < 20, "the last screen is more than a screen"


def test_on_a_terminal_what_falls_for_one_cause_shares_a_block() -> None:
    run = many(State.FAILED)
    text = "\n".join(terminal.failures(run, causes(run), Ink(), "behave"))
    assert text.count("\nFAILED ") == 1
    assert text.count("Fell with it:") == 1
    assert f"No es ({SCENARIOS} scenarios)" in text


def test_github_gets_one_of_each_cause() -> None:
    run = many(State.FAILED)
    other = replace(run.scenarios[-1], title="De otra manera", line=9_999, steps=[], failure=Failure("Otra cosa."))
    run = replace(run, features=[*run.features, Chapter("f", [other])])
    told = list(github.annotations(run))
    assert len(told) == 2
    assert told[0].endswith(f"Por lo mismo caen {SCENARIOS - 1} escenarios más.")
    assert told[1].endswith("title=Otra cosa::De otra manera%0AOtra cosa.")
    assert len(github.summary(run).split("<details open>")) == 3
    assert f"({SCENARIOS} escenarios)" in github.summary(run)
    assert github.summary(run).count("\n- Escenario ") == SCENARIOS - 1


def test_a_page_on_which_every_scenario_of_ours_failed_is_under_300_kb() -> None:
    column = [Comparison("VARCHAR, default '', no permite NULLs", "VARCHAR, sin default", "meta_ad_id")]
    one_cause = {"meta_ad_id": "no permite NULLs"}
    features = [parse_file(str(path)) for path in sorted((ROOT / "features").glob("*.feature"))]
    waits = [(moment / 50, 0.001 * (1 + moment % 7)) for moment in range(200)]  # no two bars to be drawn as one
    traffic = Latency(waits, done=200, seconds=4.0, budget=0.5)
    attached: dict[tuple[int, int], list[Attachment]] = {}
    for chapter, scenario in ((feature, one) for feature in features for one in feature.walk_scenarios()):
        why = UnmetError(
            f"{chapter.name}: no es así.", column, deviations=one_cause
        )  # each feature in words of its own
        *before, last = scenario.all_steps
        for step in before:
            step.status = Status.passed
        last.status, last.exception = Status.failed, why
        if "anotan" in scenario.name:
            attached[id(scenario), id(last)] = [Attachment(PICTURE, svg(traffic).encode())]
    assert len(attached) > 3
    reader = Reader(attached=attached, subjects=PRODUCT.subjects)
    about = replace(ABOUT, subjects=PRODUCT.subjects)
    page = informe.page(Run([reader.chapter(one) for one in features], about, datetime(2026, 1, 1, tzinfo=UTC), 9.0))
    assert len(page.encode()) < 300_000
