"""The report of 500 scenarios is made in under a second, and stays small; a run where all fails stays readable."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from steps.support.harness.attachable import SERVER_LOG, SQL
from steps.support.harness.report import github, informe, terminal
from steps.support.harness.report.model import About, Attachment, Chapter, Run, Scenario, Script, Step
from steps.support.harness.report.status import Comparison, Failure, State
from steps.support.harness.report.terminal import Ink
from steps.support.spec.product import META_ADS
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
    page = informe.page(many(State.FAILED))
    assert "No se incluyen, para que el informe siga siendo pequeño." in page
    assert page.count("<summary>SQL") < 60


def test_a_terminal_shows_ten_failures_whole_and_a_line_of_each_other() -> None:
    run = many(State.FAILED)
    distinct = [
        Scenario(
            one.title, one.file, one.line, one.state, [Step("Then", "x", 1, one.state, failure=Failure(one.title))]
        )
        for one in run.scenarios
    ]
    text = "\n".join(terminal.failures(Run([Chapter("f", distinct)], About(), run.began, 1.0), Ink(), "behave"))
    assert text.count("Run it alone:") == 10
    assert f"\n\n{SCENARIOS - 10} more, each told whole in the report and by -n TITLE:\nFAILED " in text
    assert all(one.title in text for one in distinct)


def test_github_gets_one_of_each_kind_first() -> None:
    run = many(State.FAILED)
    other = replace(run.scenarios[-1], title="De otra manera", steps=[], failure=Failure("Otra cosa."))
    run = replace(run, features=[*run.features, Chapter("f", [other])])
    told = list(github.annotations(run))
    assert len(told) == SCENARIOS + 1
    assert told[1].endswith("title=De otra manera::Otra cosa.")
    assert len(github.summary(run).split("<details open>")) == 3
    assert f"(y {SCENARIOS - 1} más)" in github.summary(run)
    assert github.summary(run).count("\n- `features/") == SCENARIOS - 1
