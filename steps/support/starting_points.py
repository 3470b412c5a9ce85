"""The databases scenarios begin with. Built by plain SQL, never by the script under test."""

from sqlalchemy import text

from steps.support import alembic_runs, columns, migration
from steps.support.databases.database import Database
from steps.support.seeds import plant
from steps.support.world import World

# The specification's section 4, a column each.
DEFINITIONS = {
    "acquisition_source": "VARCHAR DEFAULT 'ORGANIC'",
    "meta_campaign_id": "VARCHAR",
    "meta_ad_id": "VARCHAR",
    "meta_ad_headline": "TEXT",
    "meta_ad_body": "TEXT",
}
ATTRIBUTE = """
UPDATE patients
SET acquisition_source = (ARRAY['META_ADS', 'REFERRAL', NULL])[id % 3 + 1],
    meta_campaign_id = '12020846673113' || id, meta_ad_id = '12020846673114' || id,
    meta_ad_headline = 'Sonrisa nueva 🦷', meta_ad_body = E'Turnos hoy\\nEscribinos'
WHERE id IN (SELECT id FROM patients ORDER BY id LIMIT :count)
"""


def with_patients(world: World) -> None:
    """The lived-in tables, with the seeded clinics and patients."""
    world.begin_with(world.suite.lived_in)


def empty_tables(world: World) -> None:
    """The tables of the day before, without a row."""
    plant.tables(world.begin_with(None))
    world.untouched = None


def already_migrated(world: World) -> None:
    """The lived-in tables after the script under test; fails when the script failed."""
    template, outcome = world.suite.migrated
    migration.expect_success("01_meta_ads_columns.sql", outcome)
    world.begin_with(template)


def with_columns(world: World, names: list[str]) -> None:
    """The lived-in tables, with some of the five columns from an earlier attempt."""
    with_patients(world)
    world.untouched = None
    additions = ", ".join(f"ADD COLUMN {name} {DEFINITIONS[name]}" for name in names)
    _execute(world.database, f"ALTER TABLE patients {additions}")


def with_attribution(world: World, patients: int = 9) -> None:
    """The lived-in tables with all five columns, and some patients attributed."""
    with_columns(world, list(DEFINITIONS))
    attribute(world.database, patients)


def migrated_by_alembic(world: World, attributed: int) -> None:
    """The lived-in tables after `alembic upgrade head`, and so many patients attributed."""
    with_patients(world)
    world.untouched = None
    outcome = alembic_runs.upgrade(world.database, world.suite.options.migration)
    migration.expect_success("por Alembic", outcome)
    columns.expect_columns(world.database, list(DEFINITIONS))
    attribute(world.database, attributed)


def with_foreign_history(world: World) -> None:
    """An alembic_version table that names a revision of somebody else's."""
    world.untouched = None
    _execute(world.database, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    _execute(world.database, "INSERT INTO alembic_version VALUES ('a1b2c3d4e5f6')")


def one_for_each_way(world: World) -> None:
    """An empty database, and one with the tables of the day before."""
    world.begin_with(None)
    plant.tables(world.begin_with(None))


def attribute(database: Database, patients: int) -> None:
    """Give the first `patients` patients an attribution."""
    with database.connect() as connection:
        connection.execute(text(ATTRIBUTE), {"count": patients})


def _execute(database: Database, statement: str) -> None:
    with database.connect() as connection:
        connection.execute(text(statement))
