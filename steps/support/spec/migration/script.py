"""Runs the script under test on a scenario's database, with evidence taken before."""

from collections.abc import Mapping

from psycopg2.errorcodes import DATATYPE_MISMATCH

from steps.support import expect, spanish
from steps.support.postgres.outcome import Outcome
from steps.support.subject import Subject
from steps.support.world import World


def run(world: World, settings: Mapping[str, str] | None = None) -> None:
    """Run the script; fail when it fails."""
    attempt(world, settings)
    expect_success(world)


def attempt(world: World, settings: Mapping[str, str] | None = None) -> None:
    """Run the script in a session with `settings`, however it ends."""
    if not world.evidence:
        world.take_evidence()
    world.outcomes.append(world.suite.run_script(world.database, world.subject, settings))


def expect_type_refused(world: World, column: str) -> None:
    """Fail unless the script refused for the type of `column`, and named it."""
    outcome = world.outcome
    expect.same_words("La migración no se negó como debía.", ended(DATATYPE_MISMATCH), ended(outcome.sqlstate))
    expect.true(f"La migración se negó, pero no nombra {column}.", column in outcome.error(), outcome.error())


def ended(sqlstate: str) -> str:
    """How a run ended, as a failure shows it: by which error, or by none."""
    return f"{spanish.refusal(sqlstate) or 'con un error'} ({sqlstate})" if sqlstate else "sin error"


def run_twice(world: World) -> None:
    """Run the script two times; the evidence is of the moment between."""
    for _ in range(2):
        world.take_evidence()
        world.outcomes.append(world.suite.run_script(world.database, world.subject))


def expect_every_success(world: World) -> None:
    """Fail when any of the runs failed, saying which."""
    for number, outcome in enumerate(world.outcomes, start=1):
        _expect_success(f"{world.subject.script.name} (ejecución {number})", outcome)


def expect_success(world: World, outcome: Outcome | None = None, of: Subject | None = None) -> None:
    """Fail when the script's last run, or another, or one of another script, failed, with Postgres's own words."""
    _expect_success((of or world.subject).script.name, outcome or world.outcome)


def _expect_success(name: str, outcome: Outcome) -> None:
    if outcome.lost:
        raise ConnectionError(f"the server went away while {name} ran")  # says nothing of the script
    if not outcome.succeeded:
        why = spanish.refusal(outcome.sqlstate)
        subject = f"La migración {name} terminó con error{': ' if why else ''}{why[:1].lower()}{why[1:]}."
        raise expect.UnmetError(subject, findings=outcome.error().splitlines())
