"""The verdict: what a run proves, and never more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from steps.support.attachable import Figures
from steps.support.product import META_ADS
from steps.support.report.model import About, Chapter, Run, Scenario
from steps.support.report.status import Failure, State
from steps.support.report.step import Step
from steps.support.report.verdict import conclude

ALL = frozenset(requirement.tag for requirement in META_ADS.requirements)


def a_run(*states: State, tags: frozenset[str] = ALL, about: About | None = None) -> Run:
    items = [
        Scenario(
            chr(48 + n), "f", n, state, [Step("Then", chr(65 + n), n, state, failure=Failure(chr(97 + n)))] * state.bad,
            all_tags=tags, subject=META_ADS.name,
        )
        for n, state in enumerate(states)
    ]  # fmt: skip
    return Run(
        [Chapter("f", items)], replace(about or About(), subjects=(META_ADS,)), datetime(2026, 1, 1, tzinfo=UTC), 1.0
    )


DATA = frozenset({"req-datos"})
N9 = "9 requisitos"
P, F, E, S, N = State.PASSED, State.FAILED, State.ERROR, State.SKIPPED, State.NOT_RUN


@pytest.mark.parametrize(
    ("run", "sentence", "detail"),
    [
        (a_run(P, P), "Cumple todo lo que pide la especificación.", f"2 escenarios: 2 pasan. {N9}: 9 se cumplen."),
        (a_run(P, P, S), "Cumple todo lo que pide la especificación.",
         f"3 escenarios: 2 pasan y 1 se saltó. {N9}: 9 se cumplen."),
        (a_run(P, tags=DATA), "Lo que se ejecutó cumple, y no fue todo.",
         f"1 escenario: 1 pasa. {N9}: 1 se cumple y 8 no se comprobaron."),
        (a_run(P, F, tags=DATA), "No cumple: 1 escenario cae: b.",
         f"2 escenarios: 1 pasa y 1 falla. {N9}: 1 no se cumple y 8 no se comprobaron."),
        (a_run(P, F, F), "No cumple: hay 2 causas, por las que caen 2 escenarios.",
         f"3 escenarios: 1 pasa y 2 fallan. {N9}: 9 no se cumplen."),
        (a_run(P, E, tags=DATA), "No se pudo comprobar todo: 1 escenario cae: b.",
         f"2 escenarios: 1 pasa y 1 terminó con error. {N9}: 1 no se pudo comprobar y 8 no se comprobaron."),
        (a_run(P, N), "Incompleto: 1 escenario no llegó a ejecutarse.",
         f"2 escenarios: 1 pasa y 1 no corrió. {N9}: 9 no se comprobaron."),
        (a_run(P, P, about=About(planned=9)), "Incompleto: 7 escenarios no llegaron a ejecutarse.",
         f"9 escenarios: 2 pasan y 7 no corrieron. {N9}: 9 se cumplen."),
        (a_run(S), "No se comprobó nada: ningún escenario llegó a ejecutarse.",
         f"1 escenario: 1 se saltó. {N9}: 9 no se comprobaron."),
        (a_run(), "No se comprobó nada: ningún escenario llegó a ejecutarse.",
         f"Ningún escenario. {N9}: 9 no se comprobaron."),
        (a_run(E, E, about=About(problem="No Postgres")),
         "No se pudo comprobar nada: no hubo un Postgres donde ejecutar los escenarios.", ""),
    ],
)  # fmt: skip
def test_one_sentence_for_every_run_and_its_figures(run: Run, sentence: str, detail: str) -> None:
    verdict = conclude(run).verdict
    assert (verdict.sentence, verdict.detail) == (sentence, detail)


@pytest.mark.parametrize(
    ("states", "endings", "sentence", "state"),
    [
        (["accepted"], [P], "Se puede migrar: x.", P),
        (["refused"], [P], "No se puede migrar: x.", F),
        (["incomplete"], [P], "Incompleto: x.", N),
        (["accepted", "refused"], [P], "No se puede migrar: x. Se puede migrar: x.", F),
        (["accepted"], [F], "No cumple: 1 escenario cae: a.", F),
        (["accepted"], [P, N], "Incompleto: 1 escenario no llegó a ejecutarse.", N),
    ],
)
def test_a_rehearsals_verdict_is_the_headline(
    states: list[str], endings: list[State], sentence: str, state: State
) -> None:
    words = {"accepted": "se puede migrar: x.", "refused": "no se puede migrar: x.", "incomplete": "incompleto: x."}
    rehearsals = [Figures("Ensayo", words[one], [], one) for one in states]
    verdict = conclude(replace(a_run(*endings), rehearsals=rehearsals)).verdict
    assert (verdict.sentence, verdict.state) == (sentence, state)


@pytest.mark.parametrize("states", [(P, F), (E,), (S,), (N,), (P, N), (), (P, State.UNDEFINED), (P, State.PENDING)])
def test_only_a_success_is_good_news(states: tuple[State, ...]) -> None:
    assert conclude(a_run(*states)).verdict.state is not State.PASSED


def test_a_features_broken_hook_is_no_good_news() -> None:
    run = a_run(P)
    broken = replace(run, features=[replace(run.features[0], failure=Failure("x"))])
    assert conclude(broken).verdict.sentence == "No se pudo comprobar todo: falló la preparación."
