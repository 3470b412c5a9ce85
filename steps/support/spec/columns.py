"""The five columns: what the specification asks for and what a database has."""

import re
from dataclasses import dataclass

from sqlalchemy import text

from steps.support.harness import expect
from steps.support.harness.databases.database import Database

QUERY = text("""
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), NOT a.attnotnull,
       concat_ws(' ', CASE WHEN a.attgenerated <> '' THEN 'generada' END,
                      CASE WHEN a.attidentity <> '' THEN 'identidad' END,
                      CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                           THEN 'collation ' || CAST(CAST(a.attcollation AS regcollation) AS text) END)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(:relation) AND a.attnum > 0 AND NOT a.attisdropped
""")
_LITERAL = re.compile(r"'(?P<value>(?:[^']|'')*)'::(?:character varying|text)")


@dataclass(frozen=True)
class Column:
    """A column as the specification speaks of one; `default` is the value or, where it is none, the expression."""

    type: str
    default: str | None = None
    nullable: bool = True
    peculiarity: str = ""

    def __str__(self) -> str:
        default = "sin default" if self.default is None else f"default {self.default!r}"
        nullable = "permite NULLs" if self.nullable else "no permite NULLs"
        return ", ".join(filter(None, (self.type, default, nullable, self.peculiarity)))


SPECIFIED = {
    "acquisition_source": Column("VARCHAR", default="ORGANIC"),
    "meta_campaign_id": Column("VARCHAR"),
    "meta_ad_id": Column("VARCHAR"),
    "meta_ad_headline": Column("TEXT"),
    "meta_ad_body": Column("TEXT"),
}
# The specification's section 4 in its own words, a column each: not made from SPECIFIED, which it is compared with.
DEFINITIONS = {
    "acquisition_source": "VARCHAR DEFAULT 'ORGANIC'",
    "meta_campaign_id": "VARCHAR",
    "meta_ad_id": "VARCHAR",
    "meta_ad_headline": "TEXT",
    "meta_ad_body": "TEXT",
}


def read(database: Database, relation: str = "public.patients") -> dict[str, Column]:
    """The columns of patients, or of another relation, by name; none when there is no such relation."""
    with database.connect() as connection:
        rows = connection.execute(QUERY, {"relation": relation}).all()
    return {name: Column(_spelt(kind), _value(default), nullable, more) for name, kind, default, nullable, more in rows}


def expect_column(database: Database, name: str, expected: Column) -> None:
    """Fail unless patients has the column just so."""
    expect.equal(f"La columna patients.{name} no es la esperada.", expected, existing(database, name))


def expect_default(database: Database, name: str, default: str) -> None:
    """Fail unless patients has the column, with that default."""
    found = existing(database, name)
    expect.equal(f"La columna patients.{name} no tiene el default esperado.", default, found.default)


def expect_nullable(database: Database, name: str) -> None:
    """Fail unless patients has the column and it admits NULL."""
    found = existing(database, name)
    expect.true(f"La columna patients.{name} debería permitir NULLs.", found.nullable, found)


def existing(database: Database, name: str) -> Column:
    """The column as it is; fails when patients has none of that name."""
    expect_columns(database, [name])
    return read(database)[name]


def expect_columns(database: Database, names: list[str]) -> None:
    """Fail when patients lacks any of the columns."""
    found = read(database)
    expect.nothing("Faltan columnas en patients.", [name for name in names if name not in found])


def expect_as_specified(database: Database) -> None:
    """Fail unless the five columns are as the specification asks, naming every one that is not."""
    found = read(database)
    wrong = [
        f"{name}\n  esperado: {column}\n  obtenido: {found.get(name, 'no existe')}"
        for name, column in SPECIFIED.items()
        if found.get(name) != column
    ]
    expect.nothing("Las columnas de atribución no son las esperadas.", wrong)


def expect_none(database: Database) -> None:
    """Fail while patients has any of the five columns."""
    left = sorted(set(SPECIFIED) & set(read(database)))
    expect.nothing("Quedaron columnas de atribución en patients.", left)


def expect_new(before: Database, after: Database, expected: list[str]) -> None:
    """Fail unless exactly the `expected` columns came."""
    new = [name for name in read(after) if name not in read(before)]
    expect.equal("Las columnas nuevas de patients no son las esperadas.", sorted(expected), sorted(new))


def default_named(phrase: str) -> str | None:
    """The default a phrase of a scenario names: "default 'X'", or "ningún default"."""
    if phrase == "ningún default":
        return None
    return phrase.removeprefix("default ").strip("'")


def _spelt(catalogue_type: str) -> str:
    return catalogue_type.replace("character varying", "varchar").upper()


def _value(expression: str | None) -> str | None:
    literal = _LITERAL.fullmatch(expression or "")
    return literal["value"].replace("''", "'") if literal else expression
