"""Where Postgres keeps nothing: let through only statements whose every part the ORM's criteria reach.

It looks at SQLAlchemy's tree of a statement and refuses what it does not know. It guards against forgetting a filter;
code that means harm gets past it.
"""

from typing import Any

from sqlalchemy import BindParameter, Column, TableClause
from sqlalchemy.sql import elements, operators, selectable
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase

from orchestrator_service.db.tenancy.errors import CrossTenantError, RefusedStatementError
from orchestrator_service.db.tenancy.marker import key_of

_TEXT = (elements.TextClause, selectable.TextualSelect, ExecutableDDLElement)
_FRAGMENTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints")


def check(statement: Executable, tenant_id: int) -> None:
    """Raise RefusedStatementError for a statement that criteria would not keep to the clinic wholly."""
    _visit(statement, of_dml=isinstance(statement, Update | Delete), target=None)
    if isinstance(statement, UpdateBase):
        _check_written(statement, tenant_id)


def _refuse(what: str) -> None:
    raise RefusedStatementError(
        f"{what} cannot be kept to the clinic by criteria. Say it with the mapped classes, or use ClinicSession."
    )


def _visit(element: Any, *, of_dml: bool, target: Any) -> None:
    kind = type(element)
    if isinstance(element, _TEXT) or getattr(element, "is_literal", False):
        _refuse("SQL text")
    if not kind.__module__.startswith("sqlalchemy.") or any(getattr(element, name, None) for name in _FRAGMENTS):
        _refuse(f"A part of this statement ({kind.__name__})")
    if any(isinstance(getattr(element, name, None), operators.custom_op) for name in ("operator", "modifier")):
        _refuse("An operator of one's own")
    if getattr(element, "full", False) or any(join[3]["full"] for join in getattr(element, "_setup_joins", ())):
        _refuse("A FULL JOIN")
    entity = element._annotations.get("parententity") if hasattr(element, "_annotations") else None
    table = element.table if isinstance(element, Column) else element
    if isinstance(table, TableClause) and key_of(table.name):
        if entity is None:
            _refuse(f"Core on {table.name}")
        if of_dml and entity is not target and target is not None:
            _refuse(f"A second {table.name}")
    if entity is not None and isinstance(getattr(element, "element", None), TableClause):
        return  # an alias of the mapped class
    if isinstance(element, UpdateBase) and target is not None:
        _refuse("A statement that writes within another")
    if isinstance(element, UpdateBase):
        target = element.table._annotations.get("parententity", element)
    within_dml = of_dml and not isinstance(element, selectable.SelectBase)
    for child in element.get_children():
        _visit(child, of_dml=within_dml, target=target)


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
