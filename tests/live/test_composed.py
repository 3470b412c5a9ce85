"""Drifts composed by Hypothesis: whatever a table is like, the scripts do to it what they say, or nothing at all.

`make drifts` tries many, by a seed it prints; DRIFTS=SEED is that run again.
"""

import os
import secrets
from collections import Counter
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from tests.live.composed import tables
from tests.live.soundness import DOWN, UP, wrong

FEW, MANY = 25, 500
LONG = os.environ.get("DRIFTS")

# What the hand-written drifts let through: what is planted in the script, in the place of what; and what to search
# around in `make test`, which has no minutes for it. `make drifts` searches everywhere.
FAULTS = {
    "a replica identity's NOT NULL is dropped": ("(indisprimary OR indisreplident)", "indisprimary", "REPLICA"),
    "an inherited NOT NULL is dropped": (
        "attinhcount > 0 AND (retype OR attnotnull)",
        "attinhcount > 0 AND retype",
        "people",
    ),
    "a default in other letters passes": (
        "has IS DISTINCT FROM preset",
        "lower(has) IS DISTINCT FROM lower(preset)",
        "",
    ),
}


def built(pool: Pool, statements: tuple[str, ...]) -> tuple[Database, Database]:
    """A database with the table, and a copy; what Postgres does not take of the statements is left out."""
    found = pool.create("found")
    connection = psycopg2.connect(found.driver_dsn())
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except psycopg2.Error:
                continue
    connection.close()
    return found, pool.clone(found, "copy")


def tried(
    pool: Pool, count: int, up: Path = UP, down: Path = DOWN, *, number: int | None = None, near: str = ""
) -> Counter[str]:
    """How `count` tables were dealt with, the same ones each time but for another seed's `number`."""
    outcomes: Counter[str] = Counter()

    def holds(statements: tuple[str, ...]) -> None:
        found, copy = built(pool, statements)
        try:
            problem = wrong(found, copy, outcomes, up, down)
        finally:
            pool.drop(copy)
            pool.drop(found)
        assert not problem, problem

    phases = [Phase.generate] if up != UP else [Phase.generate, Phase.shrink]
    options = settings(
        max_examples=count, derandomize=number is None, deadline=None, database=None, phases=phases,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    test = options(given(tables(near))(holds))
    (seed(number)(test) if number is not None else test)()
    return outcomes


def test_whatever_a_table_is_like(pool: Pool) -> None:
    number = None if LONG is None else int(LONG or secrets.randbits(32))
    print(f"\nAgain by: make drifts DRIFTS={number}" if number is not None else "\nSeed: always the same")
    outcomes = tried(pool, FEW if number is None else MANY, number=number)
    print(outcomes)
    assert outcomes["added"] + outcomes["changed"] > FEW / 4, "too few are brought to the specification"
    assert outcomes["42804"] > FEW / 8, "too few are refused"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_script_is_found(fault: str, pool: Pool, tmp_path: Path) -> None:
    right, planted, near = FAULTS[fault]
    sql = UP.read_text(encoding="utf-8")
    assert sql.count(right) == 1
    script = tmp_path / UP.name
    script.write_text(sql.replace(right, planted), encoding="utf-8")
    with pytest.raises(AssertionError) as found:
        tried(pool, MANY, script, near=near if LONG is None else "")
    print(f"\n{fault}: {found.value}")
