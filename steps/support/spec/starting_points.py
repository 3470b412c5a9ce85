"""The databases scenarios begin with. A Given builds its world below the script; `already_migrated` alone runs it."""

from pathlib import Path
from string import Template

from sqlalchemy.exc import ProgrammingError

from steps.support.postgres import nodes, psql, roles
from steps.support.postgres.server import refusal
from steps.support.seeds import seed
from steps.support.spec.migration import script, specified
from steps.support.subject import Subject
from steps.support.vocabulary import Words, known
from steps.support.world import World

SHAPES_FOLDER = Path(seed.__file__).with_name("shapes")
DISTRIBUTED = "repartida entre máquinas"
SHAPES = Words("la tabla está <shape>", {
    DISTRIBUTED: "distributed.sql",
    "dividida por clínica": "by_clinic.sql",
    "dividida por fecha": "by_date.sql",
    "consultada por vistas": "under_views.sql",
    "copiada a otro servidor": "published.sql",
    "ampliada por otra tabla": "inherited.sql",
    "con una columna calculada": "with_generated_column.sql",
    "con otras de nombre parecido": "with_neighbours.sql",
})  # fmt: skip


def with_rows(world: World) -> None:
    """The tables after years of use, with the seeded rows."""
    world.begin_with(world.suite.before(world.subject))


def empty_tables(world: World) -> None:
    """The tables of the day before, without a row."""
    _tables_of_yesterday(world)


def with_column_as(world: World, name: str, definition: str) -> None:
    """The seeds, with one of the migration's columns in another shape, and a value in it."""
    world.odd_column = known(name, f"una columna de {world.subject.script.name}", world.subject.columns)
    with_rows(world)
    try:
        _change(world, f"ALTER TABLE {world.subject.relation} ADD COLUMN {name} {definition}")
    except ProgrammingError as error:
        raise AssertionError(f"«{definition}» no es la definición de una columna: {refusal(error)}") from error


def shaped(world: World, shape: str) -> None:
    """The seeds, with the table in one of the `SHAPES` tables have in the wild."""
    with_rows(world)
    if shape == DISTRIBUTED:
        # Citus's own sessions stay connected from here on, and a database in use cannot be cloned.
        world.take_evidence()
        world.background.enter_context(nodes.spread(world.database, world.suite.server.url))
    with world.database.connect() as connection:
        connection.exec_driver_sql(statements(world.subject, shape), execution_options={"no_parameters": True})


def already_migrated(world: World) -> None:
    """The seeds after the script under test; fails when the script failed."""
    template, outcome = world.suite.migrated(world.subject)
    script.expect_success(world, outcome)
    world.begin_with(template)


def with_columns(world: World, names: list[str]) -> None:
    """The seeds, with some of what the migration adds from an earlier attempt."""
    with_rows(world)
    add(world, names)


def add(world: World, names: list[str]) -> None:
    """Add some of what the migration adds, as its specification asks for it: columns by name, other facts by label."""
    subject = world.subject
    by_hand = {name: f"ALTER TABLE {subject.relation} ADD COLUMN {name} {column.definition}"
               for name, column in subject.columns.items()}  # fmt: skip
    by_hand |= {specified.label(fact): fact.by_hand for fact in subject.facts}
    asked = [by_hand[known(name, f"algo que agrega {subject.script.name}", by_hand)] for name in names]
    with world.database.connect() as connection:
        roles.ensure(connection, subject.roles)
    _change(world, ";".join(asked))


def with_values(world: World, rows: int = 9) -> None:
    """The seeds with all that the migration adds, and values in its columns in some rows."""
    with_columns(world, [*world.subject.columns, *map(specified.label, world.subject.facts)])
    give_values(world, rows)


def migrated_by_alembic(world: World, rows: int) -> None:
    """The seeds after `alembic upgrade`, and values in the migration's columns of so many rows."""
    with_rows(world)
    script.expect_success(world, world.suite.alembic.upgrade(world.database, world.subject))
    specified.expect_everything(world)
    give_values(world, rows)


def one_for_each_way(world: World) -> None:
    """An empty database, and one with the tables of the day before."""
    world.begin_with(None)
    _tables_of_yesterday(world)


def give_values(world: World, rows: int) -> None:
    """Give the first `rows` rows values in the migration's columns."""
    subject = world.subject
    values = ", ".join(f"{column} = {value}" for column, value in subject.values.items())
    if not values:
        return
    some = f"SELECT {subject.key} FROM {subject.relation} ORDER BY {subject.key} LIMIT {rows}"
    _change(world, f"UPDATE {subject.relation} SET {values} WHERE {subject.key} IN ({some})")


def _tables_of_yesterday(world: World) -> None:
    database = world.begin_with(None)
    world.suite.product.seeds.tables(database, world.subject)
    for earlier in world.suite.product.before(world.subject):
        script.expect_success(world, psql.run_file(database, world.suite.script_of(earlier)), earlier)


def statements(subject: Subject, shape: str) -> str:
    """The SQL that gives a subject's table one of the `SHAPES`."""
    sql = Template((SHAPES_FOLDER / SHAPES[shape]).read_text(encoding="utf-8"))
    column = next(iter(subject.columns), "")
    names = {"table": subject.table, "key": subject.key, "tenant": subject.written, "column": column}
    return sql.substitute(names, Table=subject.table.capitalize(), Column=column.title())


def _change(world: World, statement: str) -> None:
    with world.database.connect() as connection:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
