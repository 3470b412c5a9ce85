"""What the columns of a migration's table are like."""

from steps.support.harness import expect
from steps.support.harness.databases import columns
from steps.support.harness.databases.database import Database
from steps.support.harness.subject import Column
from steps.support.harness.world import World


def read(world: World, database: Database | None = None) -> dict[str, Column]:
    """The columns of the migration's table, by name, in the scenario's database or in another."""
    return columns.read(database or world.database, world.subject.relation)


def expect_column(world: World, name: str, kind: str, default: str) -> None:
    """Fail unless the table has the column just so, with a default as a phrase names it, and it admits NULL."""
    expected = Column(kind, _default_named(default))
    expect.equal(f"La columna {world.subject.table}.{name} no es la esperada.", expected, existing(world, name))


def expect_default(world: World, name: str, default: str) -> None:
    """Fail unless the table has the column, with that default."""
    found = existing(world, name)
    expect.equal(f"La columna {world.subject.table}.{name} no tiene el default esperado.", default, found.default)


def expect_nullable(world: World, name: str) -> None:
    """Fail unless the table has the column and it admits NULL."""
    found = existing(world, name)
    expect.true(f"La columna {world.subject.table}.{name} debería permitir NULLs.", found.nullable, found)


def existing(world: World, name: str) -> Column:
    """The column as it is; fails when the table has none of that name."""
    expect_columns(world, [name])
    return read(world)[name]


def expect_columns(world: World, names: list[str]) -> None:
    """Fail when the table lacks any of the columns."""
    found = read(world)
    expect.nothing(f"Faltan columnas en {world.subject.table}.", [name for name in names if name not in found])


def expect_as_specified(world: World) -> None:
    """Fail unless the migration's columns are as its specification asks, naming every one that is not."""
    found = read(world)
    wrong = [
        f"{name}\n  esperado: {column}\n  obtenido: {found.get(name, 'no existe')}"
        for name, column in world.subject.columns.items()
        if found.get(name) != column
    ]
    expect.nothing(f"Las columnas de {world.subject.name} no son las esperadas.", wrong)


def expect_none(world: World) -> None:
    """Fail while the table has any of the migration's columns."""
    left = sorted(set(world.subject.columns) & set(read(world)))
    expect.nothing(f"Quedaron columnas de {world.subject.name} en {world.subject.table}.", left)


def expect_new(world: World, expected: list[str]) -> None:
    """Fail unless exactly the `expected` columns came since the evidence was taken."""
    assert world.evidence, "no step of this scenario has taken evidence"
    before = read(world, world.evidence.copy)
    new = [name for name in read(world) if name not in before]
    subject = f"Las columnas nuevas de {world.subject.table} no son las esperadas."
    expect.equal(subject, sorted(expected), sorted(new))


def _default_named(phrase: str) -> str | None:
    """The default a phrase of a scenario names: "default 'X'", or "ningún default"."""
    if phrase == "ningún default":
        return None
    return phrase.removeprefix("default ").strip("'")
