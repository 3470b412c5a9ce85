"""Where Postgres keeps nothing: let through only statements whose every part the ORM's criteria reach.

It looks at SQLAlchemy's tree of a statement and refuses what it does not know. It guards against forgetting a filter;
code that means harm gets past it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import BindParameter, Column, Sequence, TableClause
from sqlalchemy.sql import elements, operators, selectable, util, visitors
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase
from sqlalchemy.sql.functions import FunctionElement

from orchestrator_service.db.tenancy.errors import CrossTenantError, RefusedStatementError
from orchestrator_service.db.tenancy.marker import key_of

_ENTITY = "parententity"  # how the ORM marks what stands for a mapped class or an alias of one
_TEXT = (elements.TextClause, selectable.TextualSelect, ExecutableDDLElement)
_SIGNS = re.compile(r"(?!.*(--|/\*))[-+*/<>=~!@#%^&|`?]+")
_FRAGMENTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints")
_FOLLOWED = (
    Column, BindParameter, elements.Label, elements.Grouping, elements.BinaryExpression, elements.UnaryExpression,
    elements.ClauseList, elements.ExpressionClauseList, elements.Cast, elements.Case, FunctionElement,
)  # fmt: skip
Named = frozenset[Any]  # the entities, and the tables of mapped classes, that criteria keep at this place


NOTHING: Named = frozenset()


def check(statement: Any, parameters: Any, tenant_id: int) -> None:
    """Raise RefusedStatementError for a statement that criteria would not keep to the clinic wholly."""
    if isinstance(statement, UpdateBase):
        if isinstance(statement, Update) and isinstance(parameters, list):
            _refuse("An UPDATE of many rows by their ids")
        _check_written(statement, tenant_id)
        for child in statement.get_children():
            _visit(child, _named([statement.table]))
    elif _is_of_the_orm(statement):
        _visit(statement, NOTHING)
    else:
        _visit_nothing(statement)


def _visit_nothing(statement: Any) -> None:
    """Refuse a statement of Core that has a table of the clinics anywhere: no criterion reaches any part of it."""
    _visit(statement, NOTHING)
    for part in visitors.iterate(statement) if hasattr(statement, "get_children") else ():
        table = getattr(part, "table", part)
        if isinstance(table, TableClause) and key_of(table.name):
            _refuse(f"Core around {table.name}")


def _refuse(what: str) -> None:
    raise RefusedStatementError(
        f"{what} cannot be kept to the clinic by criteria. Say it with the mapped classes, or use ClinicSession."
    )


def _named(parts: Iterable[Any]) -> Named:
    entities = {part._annotations[_ENTITY] for part in parts if _ENTITY in getattr(part, "_annotations", ())}
    return frozenset(entities) | {entity.local_table for entity in entities if entity.is_mapper}


def _visit(element: Any, named: Named, outer: Named = NOTHING) -> None:
    kind = type(element)
    if isinstance(element, _TEXT) or (getattr(element, "is_literal", False) and element.name not in ("*", "1")):
        _refuse("SQL text")
    if not kind.__module__.startswith("sqlalchemy.") or any(getattr(element, name, None) for name in _FRAGMENTS):
        _refuse(f"A part of this statement ({kind.__name__})")
    if getattr(element, "full", False) or isinstance(element, UpdateBase):
        _refuse("A FULL JOIN" if hasattr(element, "full") else "A statement that writes within another")
    for operator in (getattr(element, "operator", None), getattr(element, "modifier", None)):
        if isinstance(operator, operators.custom_op) and not _SIGNS.fullmatch(operator.opstring):
            _refuse(f"The operator {operator.opstring}")
    table = element.table if isinstance(element, Column) else element
    if isinstance(table, TableClause) and key_of(table.name):
        entity = element._annotations.get(_ENTITY, table)
        # The ORM's own conditions, as of a relationship, may speak of a query around this one.
        kept = named | outer if "parentmapper" in element._annotations else named
        if entity not in kept or (entity is table and table is element):
            _refuse(f"Core on {table.name}, or an expression that alone brings it in (say select_from),")
    elif isinstance(table, selectable.AliasedReturnsRows) and isinstance(table.element, TableClause):
        if element._annotations.get(_ENTITY) not in named | outer and key_of(table.element.name):
            _refuse(f"An alias of {table.element.name}")
    elif isinstance(element, selectable.Select):
        _visit_select(element, named | outer)
    elif not isinstance(element, Sequence):
        for child in element.get_children() if table is element else [table]:
            _visit(child, named, outer)


def _visit_select(select: Any, outer: Named) -> None:
    joins = [join[0] for join in select._setup_joins]
    if any(join[3]["full"] for join in select._setup_joins):
        _refuse("A FULL JOIN")
    sources = [part for source in (*select._raw_columns, *select._from_obj, *joins) for part in _of_a_from(source)]
    # Of an expression the ORM takes the first entity, of FILTER, OVER and the like none; of a condition all.
    plain = [c for c in select._raw_columns if all(isinstance(part, _FOLLOWED) for part in _parts(c))]
    first_of: Any = util.extract_first_column_annotation
    firsts = [first_of(column, _ENTITY) for column in plain]
    conditions = [part for condition in select._where_criteria for part in _parts(condition)]
    named = _named(sources) | _named(conditions) | {first for first in firsts if first is not None}
    named |= {first.local_table for first in firsts if first is not None and first.is_mapper}
    if not _is_of_the_orm(select):
        named = NOTHING
    # With what it selects from as written, not as its columns bring along.
    for child in super(selectable.Select, select).get_children(omit_attrs=("_correlate", "_correlate_except")):
        _visit(child, named, outer)


def _is_of_the_orm(statement: Any) -> bool:
    return bool(statement._propagate_attrs.get("compile_state_plugin") == "orm")


def _parts(element: Any) -> Iterator[Any]:
    """An expression and what it is made of, but for the queries in it."""
    yield element
    for child in element.get_children():
        if not isinstance(child, selectable.SelectBase):
            yield from _parts(child)


def _of_a_from(source: Any) -> list[Any]:
    if isinstance(source, selectable.Join):
        return [*_of_a_from(source.left), *_of_a_from(source.right)]
    return [source] if isinstance(source, selectable.FromClause) else []


def _check_written(statement: Any, tenant_id: int) -> None:
    key = key_of(statement.table.name)
    if key is None or isinstance(statement, Delete):
        return
    if isinstance(statement, Insert) and (statement.select is not None or statement._post_values_clause is not None):
        _refuse("INSERT … SELECT or ON CONFLICT")
    rows = [dict(statement._values or {}), *(row for rows in statement._multi_values for row in rows)]
    rows.append(dict(getattr(statement, "_ordered_values", None) or ()))
    for row in rows:
        for column, value in row.items():
            if getattr(column, "name", getattr(column, "key", column)) == key:
                found = value.value if isinstance(value, BindParameter) else value
                if isinstance(statement, Update) or type(found) is not int or found != tenant_id:
                    raise CrossTenantError(f"{statement.table.name}.{key} of another clinic; nothing was written.")
