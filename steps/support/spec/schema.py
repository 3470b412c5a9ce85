"""One schema, whichever way it came about: psql, Alembic, the model."""

from orchestrator_service.db.models_dental import Patient
from steps.support import expect
from steps.support.evidence import structure
from steps.support.finding import Finding, Kind
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.spec.migration import script
from steps.support.unmet import require
from steps.support.world import World


def migrate_each_way(world: World) -> None:
    """The world's first database by Alembic, from the first migration on, its second by the script alone."""
    assert len(world.databases) == 2, "Ningún paso de este escenario dice de qué dos bases de datos se trata."
    by_alembic, by_psql = world.databases
    for subject in (*world.suite.product.before(world.subject), world.subject):
        world.outcomes.append(world.suite.alembic.upgrade(by_alembic, subject))
    world.outcomes.append(psql.run_file(by_psql, world.script))
    script.expect_every_success(world)


def migrate_by_alembic(world: World) -> None:
    """`alembic upgrade` to the migration; fail when it fails."""
    world.take_evidence()
    world.outcomes.append(world.suite.alembic.upgrade(world.database, world.subject))
    script.expect_success(world)


def attempt_going_back(world: World) -> None:
    """`alembic downgrade` to before the migration, however it ends."""
    world.take_evidence()
    world.outcomes.append(world.suite.alembic.downgrade(world.database, world.subject))


def go_back_losing_values(world: World) -> None:
    """`alembic downgrade` with permission to lose what the columns hold; fail when it fails."""
    world.outcomes.append(world.suite.alembic.downgrade(world.database, world.subject, world.subject.may_lose))
    script.expect_success(world)


def expect_refusal(world: World, *said: str) -> None:
    """Fail unless Alembic refused, in one message that says each of `said`."""
    outcome = world.outcome
    expect.true("Alembic no se negó.", not outcome.succeeded, "terminó sin error")
    missing = [f"falta {part!r} en: {outcome.message}" for part in said if part not in outcome.message]
    expect.nothing("Alembic se negó, pero su mensaje no lo explica.", missing)


def expect_same(one: Database, other: Database) -> None:
    """Fail where the two databases' tables differ, Alembic's own table apart."""
    changed = structure.differences(_ours(one), _ours(other))
    require(Finding(Kind.SCHEMA_DIFFERS, each.table, each.name, each.before, each.after, each.what) for each in changed)


def expect_model_agrees(world: World) -> None:
    """Fail where the table the model would create differs from the scenario's."""
    for later in world.suite.product.after(world.subject):  # the model is of today
        script.expect_success(world, psql.run_file(world.database, world.suite.script_of(later)), later)
    by_model = world.begin_with(None)
    engine = by_model.engine()
    Patient.metadata.create_all(engine)
    expect_same(by_model, world.database)


def expect_alembic_finds_no_difference(world: World) -> None:
    """Fail when `alembic check` finds one."""
    # The model is of today: what later migrations add is to be there too.
    script.expect_success(world, world.suite.alembic.upgrade(world.database))
    outcome = world.suite.alembic.check(world.database)
    expect.true("Alembic encuentra diferencias entre el modelo y la tabla.", outcome.succeeded, outcome.message)


def _ours(database: Database) -> structure.Facts:
    facts = structure.facts(database, numbers=False)
    return {key: fact for key, fact in facts.items() if "alembic_version" not in f"{key}"}
