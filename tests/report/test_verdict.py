"""The verdict: what a run proves, and never more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from steps.support.harness.report.model import About, Chapter, Run, Scenario
from steps.support.harness.report.status import Failure, State
from steps.support.harness.report.verdict import verdict
from steps.support.spec.product import META_ADS

ALL = frozenset(requirement.tag for requirement in META_ADS.requirements)


def a_run(*states: State, tags: frozenset[str] = ALL, about: About | None = None) -> Run:
    items = [
        Scenario(str(n), "f", n, state, (), all_tags=tags, subject=META_ADS.name) for n, state in enumerate(states)
    ]
    return Run(
        [Chapter("f", items)], replace(about or About(), subjects=(META_ADS,)), datetime(2026, 1, 1, tzinfo=UTC), 1.0
    )


P, F, E, S, N = State.PASSED, State.FAILED, State.ERROR, State.SKIPPED, State.NOT_RUN


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (a_run(P, P), "Cumple: los 2 escenarios pasan y los 8 requisitos quedan comprobados."),
        (a_run(P, P, S), "Cumple: los 2 escenarios pasan (1 se saltó) y los 8 requisitos quedan comprobados."),
        (a_run(P, P, tags=frozenset({"req-datos"})),
         "Lo ejecutado cumple: los 2 escenarios pasan; de los 8 requisitos, 7 no se comprobaron en esta corrida."),
        (a_run(P, F), "No cumple: falla 1 de 2 escenarios; no se cumplen 8 de los 8 requisitos."),
        (a_run(P, F, tags=frozenset({"req-datos"})),
         "No cumple: falla 1 de 2 escenarios; no se cumple 1 de los 8 requisitos."),
        (a_run(F, tags=frozenset()), "No cumple: falla 1 de 1 escenarios."),
        (a_run(P, E, E), "No se pudo comprobar todo: de 3 escenarios, 2 terminaron con error."),
        (a_run(P, N), "Incompleto: de 2 escenarios, pasa 1 y 1 no llegó a ejecutarse."),
        (a_run(P, P, about=About(planned=9)),
         "Incompleto: de 9 escenarios, pasan 2 y 7 no llegaron a ejecutarse."),
        (a_run(S, S), "No se comprobó nada: ningún escenario llegó a ejecutarse."),
        (a_run(), "No se comprobó nada: ningún escenario llegó a ejecutarse."),
        (a_run(E, E, about=About(problem="No Postgres")),
         "No se pudo comprobar nada: no hubo un Postgres donde ejecutar los escenarios."),
    ],
)  # fmt: skip
def test_one_sentence_for_every_run(run: Run, sentence: str) -> None:
    assert verdict(run).sentence == sentence


@pytest.mark.parametrize("states", [(P, F), (E,), (S,), (N,), (P, N), (), (P, State.UNDEFINED), (P, State.PENDING)])
def test_only_a_success_is_good_news(states: tuple[State, ...]) -> None:
    assert verdict(a_run(*states)).state is not State.PASSED


def test_a_features_broken_hook_is_no_good_news() -> None:
    run = a_run(P)
    broken = replace(run, features=[replace(run.features[0], failure=Failure("x"))])
    assert verdict(broken).sentence == "No se pudo comprobar todo: de 1 escenarios, falló la preparación."
