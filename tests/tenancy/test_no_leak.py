"""The property holds for everything the generator makes, on psycopg2, with Postgres keeping and without."""

import os
import secrets
from collections import Counter

import pytest
from hypothesis import given, seed, settings
from sqlalchemy import Engine

from orchestrator_service.db.tenancy import AgainstForgettingOnlySession, ClinicSession
from orchestrator_service.db.tenancy.sessions import TenantSession
from tests.tenancy.property import examples, wrong

LONG = os.environ.get("LEAKS")  # set by `make leaks`, empty or a seed
COUNT = 500 if LONG is None else 10_000
SEED = 0 if LONG is None else int(LONG or secrets.randbits(32))


def _tried(engine: Engine, session_class: type[TenantSession]) -> Counter[str]:
    outcomes: Counter[str] = Counter()

    @seed(SEED)
    @settings(max_examples=COUNT, deadline=None, database=None)
    @given(examples(engine))
    def holds(example):  # type: ignore[no-untyped-def]
        problem = wrong(example, engine, outcomes, session_class)
        assert not problem, f"{example.kind}: {problem}"

    holds()
    print("\nSeed: always the same" if LONG is None else f"\nAgain by: make leaks LEAKS={SEED}")
    print(f"{outcomes.total()} examples: " + ", ".join(f"{kind} {n}" for kind, n in sorted(outcomes.items())))
    return outcomes


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # cartesian products are made on purpose
def test_nothing_of_the_other_clinic_comes_back_or_changes(engine: Engine) -> None:
    outcomes = _tried(engine, ClinicSession)
    for kind in ("query", "update or delete", "insert", "object", "bulk", "read", "text", "change of tenants", "copy"):
        assert outcomes[f"{kind}: answered"] >= COUNT / 500, f"the generator makes too few right ones: {outcomes}"


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_nor_by_forgetting_where_postgres_keeps_nothing(open_engine: Engine) -> None:
    outcomes = _tried(open_engine, AgainstForgettingOnlySession)
    for kind in ("query", "update or delete", "insert", "object", "bulk", "read"):
        assert outcomes[f"{kind}: answered"] >= COUNT / 500, f"the generator makes too few right ones: {outcomes}"
    for kind in ("query", "update or delete", "insert", "object", "bulk", "text"):
        assert outcomes[f"{kind}: refused"] >= COUNT / 500, f"the generator makes too few wrong ones: {outcomes}"
