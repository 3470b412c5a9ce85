"""Where Postgres keeps nothing: let through only statements whose every part the ORM's criteria reach.

It looks at SQLAlchemy's tree of a statement and refuses what it does not know. It guards against forgetting a filter;
code that means harm gets past it.
"""

from typing import Any

from sqlalchemy import BindParameter, Column, Sequence, TableClause
from sqlalchemy.sql import elements, operators, selectable
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase

from orchestrator_service.db.tenancy.errors import CrossTenantError, RefusedStatementError
from orchestrator_service.db.tenancy.marker import key_of

_TEXT = (elements.TextClause, selectable.TextualSelect, ExecutableDDLElement)
_FRAGMENTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints")


def check(statement: Any, parameters: Any, tenant_id: int) -> None:
    """Raise RefusedStatementError for a statement that criteria would not keep to the clinic wholly."""
    if isinstance(statement, Update) and isinstance(parameters, list):
        _refuse("An UPDATE of many rows by their ids")
    target = statement.table if isinstance(statement, UpdateBase) else None
    _visit(statement, statement, entity_of(target) if isinstance(statement, Update | Delete) else None)
    if isinstance(statement, UpdateBase):
        _check_written(statement, tenant_id)


def entity_of(element: Any) -> Any:
    """The mapped class, or alias of one, that a part of a statement stands for; None for Core's."""
    return getattr(element, "_annotations", {}).get("parententity")


def _refuse(what: str) -> None:
    raise RefusedStatementError(
        f"{what} cannot be kept to the clinic by criteria. Say it with the mapped classes, or use ClinicSession."
    )


def _visit(element: Any, root: Any, only: Any) -> None:
    """Refuse what criteria do not reach in `element`; `only`: the entity an UPDATE or DELETE is kept by."""
    kind = type(element)
    if isinstance(element, _TEXT) or (getattr(element, "is_literal", False) and element.name != "*"):
        _refuse("SQL text")
    if not kind.__module__.startswith("sqlalchemy.") or any(getattr(element, name, None) for name in _FRAGMENTS):
        _refuse(f"A part of this statement ({kind.__name__})")
    if any(isinstance(getattr(element, name, None), operators.custom_op) for name in ("operator", "modifier")):
        _refuse("An operator of one's own")
    if getattr(element, "full", False) or any(join[3]["full"] for join in getattr(element, "_setup_joins", ())):
        _refuse("A FULL JOIN")
    if isinstance(element, UpdateBase) and element is not root:
        _refuse("A statement that writes within another")
    entity = entity_of(element)
    table = element.table if isinstance(element, Column) else element
    if isinstance(table, TableClause) and key_of(table.name):
        if entity is None:
            _refuse(f"Core on {table.name}")
        if only is not None and entity is not only:
            _refuse(f"A second {table.name}")
    if entity is None or not isinstance(getattr(element, "element", None), TableClause):  # no alias of a mapped class
        within = None if isinstance(element, selectable.SelectBase) else only
        for child in () if isinstance(element, Sequence) else element.get_children():
            _visit(child, root, within)


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
