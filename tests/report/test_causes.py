"""Causes: what fell together, who asks for just that, and which requirements it counts against."""

from datetime import UTC, datetime

import pytest

from steps.support.product import META_ADS
from steps.support.report.causes import asks, causes
from steps.support.report.model import About, Chapter, Run, Scenario
from steps.support.report.requirements import proofs
from steps.support.report.status import Failure, State
from steps.support.report.step import Step

FAILED, ERROR = State.FAILED, State.ERROR
NOT_NULL = Failure("La columna no es la esperada.", deviations={"meta_ad_id": "no permite NULLs"})
LOST = Failure("Se perdieron datos.", findings=["patients: falta 1 fila: id 6"])


def scenario(title: str, tags: str, why: Failure, *, at: str = "Then", state: State = FAILED) -> Scenario:
    steps = [Step("Given", "x", 1, State.PASSED), Step(at, "y", 2, state, failure=why), Step("And", "z", 3)]
    carried = frozenset(f"req-{tag}" for tag in tags.split())
    return Scenario(title, "f", ord(title[0]), state, steps, all_tags=carried, subject=META_ADS.name)


def a_run(*scenarios: Scenario) -> Run:
    return Run([Chapter("f", scenarios)], About(subjects=(META_ADS,)), datetime(2026, 1, 1, tzinfo=UTC), 1.0)


def told(*scenarios: Scenario) -> list[tuple[str, bool, str]]:
    """Each cause: its sentence, whether somebody asks for it, and its scenarios."""
    return [(one.sentence, one.asked, "".join(s.title for s in one.scenarios)) for one in causes(a_run(*scenarios))]


def broken(*scenarios: Scenario) -> dict[str, str]:
    """The requirements that are not met, or could not be checked."""
    run = a_run(*scenarios)
    states = {one.requirement.tag.removeprefix("req-"): one.word for one in proofs(run, causes(run))}
    return {tag: word for tag, word in states.items() if word in ("no se cumple", "no se pudo comprobar")}


def test_what_names_a_column_that_is_not_as_asked_falls_by_it() -> None:
    saved = Failure("No se pudo guardar.", findings=['null value in column "meta_ad_id" violates not-null constraint'])
    fallen = (
        scenario("a", "persistencia", saved, at="When"),
        scenario("b", "columnas datos", NOT_NULL),
        scenario("c", "columnas", NOT_NULL),
    )
    assert told(*fallen) == [("meta_ad_id no permite NULLs", True, "cab")]
    assert broken(*fallen) == {
        "columnas": "no se cumple", "datos": "no se pudo comprobar", "persistencia": "no se pudo comprobar",
    }  # fmt: skip


def test_the_same_words_but_for_their_numbers_are_one_cause() -> None:
    other = Failure("Algo cambió.", findings=["patients: falta 1 fila: id 7"])
    assert told(scenario("a", "idempotente datos", other), scenario("b", "datos", LOST)) == [
        ("Se perdieron datos", True, "ba")
    ]


def test_two_defects_are_two_causes_and_each_counts_for_its_own() -> None:
    fallen = (scenario("a", "columnas", NOT_NULL), scenario("b", "datos", LOST), scenario("c", "bloqueo datos", LOST))
    assert [one[:2] for one in told(*fallen)] == [("Se perdieron datos", True), ("meta_ad_id no permite NULLs", True)]
    assert broken(*fallen) == {
        "columnas": "no se cumple", "datos": "no se cumple", "bloqueo": "no se pudo comprobar",
    }  # fmt: skip


def test_columns_that_deviate_alike_are_one_cause() -> None:
    why = Failure(
        "Las columnas no son las esperadas.", deviations=dict.fromkeys(["meta_ad_id", "meta_ad_body"], "falta")
    )
    assert told(scenario("a", "columnas", why)) == [("meta_ad_id y meta_ad_body: cada una falta", True, "a")]


def test_a_scenario_that_fell_before_it_could_ask_counts_against_nothing() -> None:
    fallen = (scenario("a", "datos", LOST, at="When"), scenario("b", "modelo", LOST, state=ERROR))
    assert told(*fallen) == [("Se perdieron datos", False, "ab")]
    assert broken(*fallen) == {"datos": "no se pudo comprobar", "modelo": "no se pudo comprobar"}


def test_what_nobody_asks_for_is_told_with_the_columns() -> None:
    odd = Failure("Un dato es de otro tipo.", findings=["invalid input syntax for type json"])
    assert told(scenario("a", "columnas", NOT_NULL), scenario("b", "persistencia", odd, at="When")) == [
        ("meta_ad_id no permite NULLs", True, "ab")
    ]


def test_what_came_with_a_column_is_no_cause_of_its_own_and_another_thing_is() -> None:
    name = "patients_meta_ad_id_not_null"
    came = Failure("Algo más cambió.", findings=[f"restricción patients.{name}: apareció"],
                   deviations={name: f"restricción patients.{name}: apareció"})  # fmt: skip
    assert told(scenario("a", "columnas", NOT_NULL), scenario("b", "esquema", came)) == [
        ("meta_ad_id no permite NULLs", True, "ab")
    ]
    index = Failure("Algo más cambió.", findings=["índice i_x: apareció"], deviations={"i_x": "índice i_x: apareció"})
    other = Failure("Hay diferencias.", findings=["remove_index(i_x)"])
    assert told(scenario("a", "esquema modelo", other), scenario("b", "esquema", index)) == [
        ("Algo más cambió", True, "ba")
    ]


@pytest.mark.parametrize(
    ("at", "state", "which"),
    [("Then", FAILED, 0), ("When", FAILED, None), ("Then", ERROR, None), ("And", FAILED, None)],
)
def test_a_scenario_asks_at_its_thens_alone(at: str, state: State, which: int | None) -> None:
    assert asks(scenario("a", "datos", LOST, at=at, state=state)) == which
