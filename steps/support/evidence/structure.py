"""How the tables are made: constraints, indexes, keys, defaults, triggers, privileges, sequence positions."""

from collections.abc import Callable
from pathlib import Path

from steps.support.postgres.database import Database

QUERY = Path(__file__).with_name("structure.sql")
Facts = dict[tuple[str, str], str]

IN_SPANISH = {
    "column": "columna", "column privileges": "permisos de la columna", "comment": "comentario",
    "constraint": "restricción", "default privileges": "permisos por omisión", "enforcement": "clave foránea",
    "event trigger": "disparador de eventos", "extension": "extensión", "function": "función", "index": "índice",
    "database": "base de datos", "large objects": "objetos grandes", "physical object": "objeto",
    "parent": "tabla madre", "policy": "política de filas", "privileges": "permisos", "publication": "publicación",
    "published table": "publicación de la tabla", "relation": "objeto", "role": "rol",
    "row security": "seguridad por fila", "rule": "regla", "schema": "esquema",
    "schema privileges": "permisos del esquema",
    "sequence": "secuencia", "setting": "ajuste permanente", "statistics": "estadísticas", "trigger": "disparador",
    "type": "tipo", "column storage": "almacenamiento de la columna", "physical column": "posición de la columna",
    "physical relation": "archivo",
    "physical sequence": "secuencia",
}  # fmt: skip


def facts(database: Database, *, physical: bool = True) -> Facts:
    """Every fact, by (kind, name).

    Without `physical` ones two databases can be compared: those differ between a table and its copy.
    """
    with database.connect() as connection:
        query = QUERY.read_text(encoding="utf-8")
        rows = connection.exec_driver_sql(query, execution_options={"no_parameters": True}).all()
    return {(kind, name): fact for kind, name, fact in rows if physical or not kind.startswith("physical")}


def differences(
    before: Facts,
    after: Facts,
    *,
    ignoring: set[tuple[str, str]] = frozenset(),  # type: ignore[assignment]
    shown: Callable[[str], str] | None = None,
) -> list[str]:
    """What changed, a line each, in Spanish; with `shown`, which shows a name, the names alone."""
    lines = []
    for key in sorted((set(before) | set(after)) - ignoring):
        if before.get(key) == after.get(key):
            continue
        subject = f"{IN_SPANISH[key[0]]} {shown(key[1]) if shown else key[1]}"
        if key not in after:
            lines.append(f"{subject}: desapareció" + ("" if shown else f" (era: {before[key]})"))
        elif key not in before:
            lines.append(f"{subject}: apareció" + ("" if shown else f" ({after[key]})"))
        else:
            more = "" if shown else f"\n    antes: {before[key]}\n    ahora: {after[key]}"
            lines.append(f"{subject}: cambió{more}")
    return lines


def family(facts: Facts, table: str) -> list[str]:
    """The table with its partitions and the tables that inherit from it, down to the last."""
    children = [
        name for (kind, name), parent in facts.items() if kind == "parent" and f"{parent} ".startswith(f"{table} ")
    ]
    return [table, *(one for child in children for one in family(facts, child))]
