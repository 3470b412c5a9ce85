"""Runs the script under test on a scenario's database, with evidence taken before."""

from collections.abc import Mapping

from steps.support.harness import expect
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.world import World

DATATYPE_MISMATCH = "42804"


def run(world: World, settings: Mapping[str, str] | None = None) -> None:
    """Run the script; fail when it fails."""
    attempt(world, settings)
    expect_success(world)


def attempt(world: World, settings: Mapping[str, str] | None = None) -> None:
    """Run the script in a session with `settings`, however it ends."""
    if not world.evidence:
        world.take_evidence()
    world.outcomes.append(world.suite.run_script(world.database, world.subject, settings))


def expect_refusal(world: World, sqlstate: str, said: str) -> None:
    """Fail unless the script refused, by that SQLSTATE, in words that name `said`."""
    outcome = world.outcome
    expect.equal("El script no se negó como debía.", sqlstate, outcome.sqlstate or "sin error")
    expect.true(f"El script se negó, pero no nombra {said}.", said in outcome.error(), outcome.error())


def run_twice(world: World) -> None:
    """Run the script two times; the evidence is of the moment between."""
    for _ in range(2):
        world.take_evidence()
        world.outcomes.append(world.suite.run_script(world.database, world.subject))


def expect_every_success(world: World) -> None:
    """Fail when any of the runs failed, saying which."""
    for number, outcome in enumerate(world.outcomes, start=1):
        _expect_success(f"{world.subject.script.name} (ejecución {number})", outcome)


def expect_success(world: World, outcome: Outcome | None = None) -> None:
    """Fail when the script's last run, or another, failed, with Postgres's own words."""
    _expect_success(world.subject.script.name, outcome or world.outcome)


def _expect_success(name: str, outcome: Outcome) -> None:
    if outcome.lost:
        raise ConnectionError(f"the server went away while {name} ran")  # says nothing of the script
    if not outcome.succeeded:
        raise AssertionError(f"El script de migración {name} terminó con error.\n  {_indented(outcome.error())}")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
