"""One schema, whichever way it came about: psql, Alembic, the model."""

from orchestrator_service.db.models_dental import Patient
from steps.support.harness import expect
from steps.support.harness.databases import alembic_commands as alembic_runs
from steps.support.harness.databases import psql
from steps.support.harness.databases.database import Database
from steps.support.harness.evidence import structure
from steps.support.harness.world import World
from steps.support.spec.migration import script as migration


def migrate_each_way(world: World, name: str) -> None:
    """The world's first database by Alembic, its second by the script alone."""
    script = migration.script_called(world, name)
    by_alembic, by_psql = world.databases
    world.outcomes += [alembic_runs.upgrade(by_alembic, script), psql.run_file(by_psql, script)]
    migration.expect_every_success(world)


def migrate_by_alembic(world: World) -> None:
    """`alembic upgrade head`; fail when it fails."""
    attempt_by_alembic(world)
    migration.expect_success("por Alembic", world.outcome)


def attempt_by_alembic(world: World) -> None:
    """`alembic upgrade head`, however it ends."""
    migration.take_evidence(world)
    world.outcomes.append(alembic_runs.upgrade(world.database, world.suite.options.migration))


def attempt_going_back(world: World) -> None:
    """`alembic downgrade`, however it ends."""
    migration.take_evidence(world)
    world.outcomes.append(alembic_runs.downgrade(world.database))


def go_back_losing_attribution(world: World) -> None:
    """`alembic downgrade` with permission to lose attribution; fail when it fails."""
    world.outcomes.append(alembic_runs.downgrade(world.database, drop_attribution=True))
    migration.expect_success("al volver atrás", world.outcome)


def expect_refusal(world: World, *said: str) -> None:
    """Fail unless Alembic refused, in one message that says each of `said`."""
    outcome = world.outcome
    expect.true("Alembic no se negó.", not outcome.succeeded, "terminó sin error")
    missing = [f"falta {part!r} en: {outcome.message}" for part in said if part not in outcome.message]
    expect.nothing("Alembic se negó, pero su mensaje no lo explica.", missing)


def expect_same(one: Database, other: Database, subject: str) -> None:
    """Fail where the two databases' tables differ, Alembic's own table apart."""
    expect.nothing(subject, structure.differences(_ours(one), _ours(other)))


def expect_model_agrees(world: World) -> None:
    """Fail where the table the model would create differs from the scenario's."""
    by_model = world.begin_with(None)
    engine = by_model.engine()
    Patient.metadata.create_all(engine)
    expect_same(by_model, world.database, "El modelo Patient y la tabla no coinciden (antes: modelo; ahora: tabla).")


def expect_alembic_finds_no_difference(world: World) -> None:
    """Fail when `alembic check` finds one."""
    outcome = alembic_runs.check(world.database)
    expect.true("Alembic encuentra diferencias entre el modelo y la tabla.", outcome.succeeded, outcome.message)


def _ours(database: Database) -> structure.Facts:
    facts = structure.facts(database, physical=False)
    return {key: fact for key, fact in facts.items() if not key[1].startswith("alembic_version")}
