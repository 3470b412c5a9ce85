"""The databases scenarios begin with. Built by plain SQL, never by the script under test."""

from pathlib import Path

from sqlalchemy import text

from steps.support.harness.databases import alembic_commands as alembic_runs
from steps.support.harness.databases.database import Database
from steps.support.harness.world import World
from steps.support.spec import columns
from steps.support.spec.migration import script as migration
from steps.support.spec.seeds import seed as plant

SHAPES_FOLDER = Path(plant.__file__).with_name("shapes")
DISTRIBUTED = "repartida entre máquinas con Citus"
SHAPES = {
    DISTRIBUTED: "distributed.sql",
    "dividida por clínica": "by_clinic.sql",
    "dividida por fecha": "by_date.sql",
    "debajo de vistas": "under_views.sql",
    "publicada para replicar": "published.sql",
    "heredada por otra tabla": "inherited.sql",
    "junto a una columna calculada": "with_generated_column.sql",
    "junto a nombres parecidos": "with_neighbours.sql",
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


def with_column_as(world: World, name: str, definition: str) -> None:
    """The lived-in tables, with one of the five columns in another shape, and a value in it."""
    with_patients(world)
    _change(world, f"ALTER TABLE patients ADD COLUMN {name} {definition}")


def shaped(world: World, shape: str) -> None:
    """The lived-in tables, with patients in one of the `SHAPES` tables have in the wild."""
    with_patients(world)
    if shape == DISTRIBUTED:
        # Citus's own sessions stay connected from here on, and a database in use cannot be cloned.
        migration.take_evidence(world)
    with world.database.connect() as connection:
        connection.exec_driver_sql((SHAPES_FOLDER / SHAPES[shape]).read_text(encoding="utf-8"))


def already_migrated(world: World) -> None:
    """The lived-in tables after the script under test; fails when the script failed."""
    template, outcome = world.suite.migrated
    migration.expect_success("01_meta_ads_columns.sql", outcome)
    world.begin_with(template)


def with_columns(world: World, names: list[str]) -> None:
    """The lived-in tables, with some of the five columns from an earlier attempt."""
    with_patients(world)
    add_columns(world, names)


def add_columns(world: World, names: list[str]) -> None:
    """Add some of the five columns to the scenario's patients, as the specification's section 4 does."""
    additions = ", ".join(f"ADD COLUMN {name} {columns.DEFINITIONS[name]}" for name in names)
    _change(world, f"ALTER TABLE patients {additions}")


def with_attribution(world: World, patients: int = 9) -> None:
    """The lived-in tables with all five columns, and some patients attributed."""
    with_columns(world, list(columns.DEFINITIONS))
    attribute(world.database, patients)


def migrated_by_alembic(world: World, attributed: int) -> None:
    """The lived-in tables after `alembic upgrade head`, and so many patients attributed."""
    with_patients(world)
    outcome = alembic_runs.upgrade(world.database, world.suite.options.migration)
    migration.expect_success("por Alembic", outcome)
    columns.expect_columns(world.database, list(columns.DEFINITIONS))
    attribute(world.database, attributed)


def with_foreign_history(world: World) -> None:
    """An alembic_version table that names a revision of somebody else's."""
    _change(world, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    _change(world, "INSERT INTO alembic_version VALUES ('a1b2c3d4e5f6')")


def one_for_each_way(world: World) -> None:
    """An empty database, and one with the tables of the day before."""
    world.begin_with(None)
    plant.tables(world.begin_with(None))


def attribute(database: Database, patients: int) -> None:
    """Give the first `patients` patients an attribution."""
    with database.connect() as connection:
        connection.execute(text(ATTRIBUTE), {"count": patients})


def _change(world: World, statement: str) -> None:
    with world.database.connect() as connection:
        connection.execute(text(statement))
