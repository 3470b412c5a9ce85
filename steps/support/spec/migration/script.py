"""Runs the script under test on a scenario's database, with evidence taken before."""

from collections.abc import Mapping
from pathlib import Path

from steps.support.harness import expect
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.evidence.before_after import Evidence
from steps.support.harness.options import SCRIPT
from steps.support.harness.world import World

DATATYPE_MISMATCH = "42804"


def run(world: World, name: str, settings: Mapping[str, str] | None = None) -> None:
    """Run the script; fail when it fails."""
    attempt(world, name, settings)
    expect_success(name, world.outcome)


def attempt(world: World, name: str, settings: Mapping[str, str] | None = None) -> None:
    """Run the script in a session with `settings`, however it ends."""
    if not world.evidence:
        take_evidence(world)
    world.outcomes.append(world.suite.run_script(world.database, script_called(world, name), settings))


def expect_refusal(world: World, sqlstate: str, said: str) -> None:
    """Fail unless the script refused, by that SQLSTATE, in words that name `said`."""
    outcome = world.outcome
    expect.equal("El script no se negó como debía.", sqlstate, outcome.sqlstate or "sin error")
    expect.true(f"El script se negó, pero no nombra {said}.", said in outcome.error(), outcome.error())


def run_twice(world: World, name: str) -> None:
    """Run the script two times; the evidence is of the moment between."""
    for _ in range(2):
        take_evidence(world)
        world.outcomes.append(world.suite.run_script(world.database, script_called(world, name)))


def expect_every_success(world: World) -> None:
    """Fail when any of the runs failed, saying which."""
    for number, outcome in enumerate(world.outcomes, start=1):
        expect_success(f"(ejecución {number})", outcome)


def expect_success(name: str, outcome: Outcome) -> None:
    """Fail when the run failed, with Postgres's own words."""
    if not outcome.succeeded:
        raise AssertionError(f"El script de migración {name} terminó con error.\n  {_indented(outcome.error())}")


def script_called(world: World, name: str) -> Path:
    """The file to run for the script a scenario names: the candidate, where `-D migration` gives one."""
    assert name == SCRIPT.name, f"no script called {name}"
    return world.suite.options.migration


def take_evidence(world: World) -> None:
    """Remember what the scenario's database holds now. Nobody may be connected to it: it may be cloned."""
    database = world.database
    if template := database.still:
        # Its template is the copy, and its evidence was taken once for all scenarios.
        world.evidence = world.suite.evidence_of(template)
    else:
        world.evidence = Evidence.take(database, copy=world.begin_with(database))


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
