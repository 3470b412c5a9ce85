"""The property holds for everything the generator makes, on psycopg2."""

from collections import Counter

import pytest
from hypothesis import given, settings
from sqlalchemy import Engine

from tests.tenancy.property import examples, wrong

COUNT = 1000


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # cartesian products are made on purpose
def test_nothing_of_the_other_clinic_comes_back_or_changes(engine: Engine) -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=COUNT, derandomize=True, deadline=None, database=None)
    @given(examples(engine))
    def holds(example):  # type: ignore[no-untyped-def]
        problem = wrong(example, engine, outcomes)
        assert not problem, problem

    holds()
    print(f"\n{outcomes.total()} examples: " + ", ".join(f"{kind} {n}" for kind, n in sorted(outcomes.items())))
    for kind in ("query", "update or delete", "insert", "object", "bulk", "read"):
        assert outcomes[f"{kind}: answered"] >= 5, f"the generator makes too few right ones: {outcomes}"
    for kind in ("query", "update or delete", "insert", "object", "bulk", "text"):
        assert outcomes[f"{kind}: refused"] >= 5, f"the generator makes too few wrong ones: {outcomes}"
