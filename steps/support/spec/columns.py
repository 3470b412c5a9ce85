"""What the columns of a migration's table are like."""

from collections import Counter
from collections.abc import Callable

from steps.support import expect
from steps.support.finding import Finding, Kind
from steps.support.postgres import columns, nodes
from steps.support.postgres.database import Database
from steps.support.subject import Column
from steps.support.unmet import require
from steps.support.vocabulary import Words
from steps.support.world import World

MISSING = "falta en la tabla"
NOT_NULL = "no permite NULLs"
OF_A_KIND = "la columna '<name>' es de tipo <kind>, con <default> y permite NULLs"
DEFAULTS: Words[Callable[[str], str | None]] = Words(OF_A_KIND, {
    "ningún default": lambda _: None,
    "default '<value>'": lambda value: value,
})  # fmt: skip
# Of a shard, as text: there is no other way to ask all of them at once.
AS_THEY_ARE = """
SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid), attnotnull),
                  ', ' ORDER BY attname)
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = '%s'::regclass AND NOT attisdropped AND attname IN ({names})
"""


def read(world: World, database: Database | None = None) -> dict[str, Column]:
    """The columns of the migration's table, by name, in the scenario's database or in another."""
    return columns.read(database or world.database, world.subject.relation)


def expect_column(world: World, name: str, kind: str, default: str) -> None:
    """Fail unless the table has the column just so, with a default as a phrase names it, and it admits NULL."""
    asked, value = DEFAULTS.read(default)
    expected, found = Column(kind, asked(value)), existing(world, name)
    subject = f"La columna {world.subject.table}.{name} no es la esperada."
    expect.equal(subject, expected, found, {name: deviation(expected, found)})


def expect_default(world: World, name: str, default: str) -> None:
    """Fail unless the table has the column, with that default."""
    found = existing(world, name)
    subject = f"La columna {world.subject.table}.{name} no tiene el valor por defecto esperado."
    expect.equal(subject, default, found.default, {name: _default(default, found.default)})


def expect_nullable(world: World, name: str) -> None:
    """Fail unless the table has the column and it admits NULL."""
    found = existing(world, name)
    subject = f"La columna {world.subject.table}.{name} debería poder quedar en blanco."
    expect.true(subject, found.nullable, found, {name: NOT_NULL})


def existing(world: World, name: str) -> Column:
    """The column as it is; fails when the table has none of that name."""
    expect_columns(world, [name])
    return read(world)[name]


def expect_columns(world: World, names: list[str]) -> None:
    """Fail when the table lacks any of the columns."""
    found = read(world)
    lacking = [name for name in names if name not in found]
    expect.nothing(f"Faltan columnas en {world.subject.table}.", lacking, dict.fromkeys(lacking, MISSING))


def expect_on_every_shard(world: World) -> None:
    """Fail unless the migration's columns are the same on all shards of its table as where it is asked for."""
    query = AS_THEY_ARE.format(names=", ".join(f"'{name}'" for name in world.subject.columns))
    with world.database.connect() as connection:
        whole = connection.exec_driver_sql(query % world.subject.relation, ()).scalar()
    found = nodes.on_shards(world.database, world.subject.relation, query)
    subject = f"Las columnas de {world.subject.name} no están iguales en todas las máquinas."
    expect.true(subject, len(found) > 0, "ningún fragmento")
    other = Counter(columns for columns in found.values() if columns != whole)
    expect.nothing(subject, [f"{count} fragmentos: {columns}" for columns, count in other.items()])


def deviation(asked: Column, found: Column | None) -> str:
    """What a column is like that was asked otherwise, as what follows its name in a sentence."""
    if not found:
        return MISSING
    parts = [f"es {found.type}, y se pidió {asked.type}"] * (found.type != asked.type)
    parts += [_default(asked.default, found.default)] * (found.default != asked.default)
    parts += [NOT_NULL if asked.nullable else "permite NULLs"] * (found.nullable != asked.nullable)
    parts += [f"es {found.peculiarity or 'común'}"] * (found.peculiarity != asked.peculiarity)
    return "; ".join(parts)


def _default(asked: str | None, found: str | None) -> str:
    if found is None:
        return f"no trae {asked!r} por defecto"
    shown = repr(found) if found else "un texto vacío"
    return f"trae {shown} por defecto" + (f", y se pidió {asked!r}" if asked else "")


def expect_new(world: World) -> None:
    """Fail unless exactly the migration's columns came since the evidence was taken."""
    assert world.evidence, "Ningún paso de este escenario anotó antes cómo estaba todo."
    before, there, asked = read(world, world.evidence.copy), read(world), world.subject.columns
    table = world.subject.table
    require(
        [Finding(Kind.COLUMN_MISSING, table, name) for name in asked if name not in there]
        + [
            Finding(Kind.OBJECT_APPEARED, table, name, after=column, what="table column")
            for name, column in there.items()
            if name not in {*before, *asked}
        ]
    )
