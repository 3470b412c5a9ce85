"""Without any one guard the generator finds what that guard is there for."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from sqlalchemy import Engine

from tests.tenancy import guards
from tests.tenancy.property import Example, examples, wrong

MOST = 3000
SEARCH = settings(
    max_examples=MOST,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("guard", guards.INSIDE)
def test_the_generator_finds_the_hole(guard: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: Counter[str] = Counter()
    problems: list[str] = []

    def is_hole(example: Example) -> bool:
        problem = wrong(example, engine, tried)
        if problem:
            problems.append(f"{example.kind}: {problem}")
        return bool(problem)

    with guards.remove(guards.INSIDE[guard], monkeypatch):
        try:
            find(examples(engine), is_hole, settings=SEARCH)
        except NoSuchExample:
            pytest.fail(f"without “{guard}” the generator finds nothing in {tried.total()} examples")
    print(f"\nwithout “{guard}”: example {tried.total()}: {problems[0]}")
