"""The last look before a statement leaves for the server, on every engine of the process."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import TextualSelect

from orchestrator_service.db.tenancy import proof, values
from orchestrator_service.db.tenancy.doors import AllClinics, door_of
from orchestrator_service.db.tenancy.errors import (
    ForeignPatientError,
    OutsideTheDoorError,
    RefusedStatementError,
)
from orchestrator_service.db.tenancy.marker import TENANT_ID, outside

TEXT = "SQL text cannot be kept to one clinic. Write it with the models, or open AllClinicsSession."

HINT = "select from the mapped class itself, or say where(….tenant_id == session.tenant_id)"


@dataclass(frozen=True)
class Reading:
    """What does not change between two runs of a compiled statement."""

    queries: list[proof.Query]
    text_binds: frozenset[str]
    refusal: str


_readings: WeakKeyDictionary[SQLCompiler, Reading] = WeakKeyDictionary()
_checked: WeakSet[Any] = WeakSet()  # executions sent in batches, whose rows have been looked at


@event.listens_for(Engine, "before_cursor_execute")
def look(connection: Connection, _cursor: Any, _sql: str, _parameters: Any, context: Any, executemany: bool) -> None:
    """Let a statement through, or raise before the server sees any of it."""
    door = door_of(connection)
    compiled = context.compiled if context is not None else None
    if not isinstance(compiled, SQLCompiler) or is_text(compiled.statement):
        if isinstance(door, int):
            refuse_text()
        return
    if executemany:
        if context in _checked:
            return
        _checked.add(context)
    reading = reading_of(compiled)
    if door is None:
        refuse_outside(reading)
        return
    values.check(context.compiled_parameters, reading.text_binds)
    if door is not AllClinics.ALL:
        keep_to_clinic(reading, compiled, context.compiled_parameters, door)


def is_text(statement: Any) -> bool:
    """Whether a whole statement is text of somebody's own."""
    return isinstance(statement, TextClause | TextualSelect) or isinstance(
        getattr(statement, "element", None), TextClause | TextualSelect
    )


def refuse_text() -> None:
    """In a clinic's session: text is refused whatever it says, for it could say anything."""
    raise RefusedStatementError(TEXT)


def refuse_outside(reading: Reading) -> None:
    """On a connection of no door: a compiled statement may not touch a tenant-owned table."""
    for query in reading.queries:
        for table in [*query.tables.values(), query.inserted]:
            if table:
                raise OutsideTheDoorError(outside(table))


def keep_to_clinic(reading: Reading, compiled: SQLCompiler, rows: list[dict[str, Any]], clinic: int) -> None:
    """In a clinic's session: every tenant-owned table is confined to the clinic, by the value sent with it."""
    if reading.refusal:
        raise RefusedStatementError(reading.refusal)
    for query in reading.queries:
        for name, table in query.tables.items():
            binds = query.confined[name]
            if not all(any(_is(row.get(bind), clinic) for bind in binds) for row in rows):
                raise ForeignPatientError(f"{table} of another tenant_id in the session of clinic {clinic}.")
        if query.inserted:
            check_inserted(query.inserted, compiled, rows, clinic)


def check_inserted(table: str, compiled: SQLCompiler, rows: list[dict[str, Any]], clinic: int) -> None:
    """Every row to insert carries the clinic's number, as a plain value."""
    for row in rows:
        for name in _tenant_values(compiled):
            if not _is(row.get(name), clinic):
                found = str(row[name]) if type(row.get(name)) is int else "something else than a number"
                raise ForeignPatientError(
                    f"A row of {table} with {found} for tenant_id in the session of clinic {clinic}. "
                    "Leave tenant_id out, or open a session for its clinic; nothing was written."
                )


def reading_of(compiled: SQLCompiler) -> Reading:
    """The statement's reading: made once, kept for as long as SQLAlchemy keeps the compiled SQL."""
    reading = _readings.get(compiled)
    if reading is None:
        reading = _readings[compiled] = _read(compiled)
    return reading


def forget_readings() -> None:
    """Read every statement anew."""
    _readings.clear()


def _read(compiled: SQLCompiler) -> Reading:
    text_binds = values.text_binds(compiled)
    try:
        queries = proof.read(compiled)
    except RefusedStatementError as error:
        return Reading([], text_binds, str(error))
    return Reading(queries, text_binds, "; ".join(_problems(queries, compiled)))


def unconfined(queries: list[proof.Query]) -> list[str]:
    """The tenant-owned tables no condition keeps to a clinic."""
    loose = [table for query in queries for name, table in query.tables.items() if name not in query.confined]
    return [f"nothing keeps {table} to the clinic in a part of this statement: {HINT}" for table in sorted({*loose})]


def _problems(queries: list[proof.Query], compiled: SQLCompiler) -> list[str]:
    found = unconfined(queries) + [problem for query in queries for problem in query.problems]
    inserts = [query.inserted for query in queries if query.inserted]
    statement: Any = compiled.statement
    if inserts and not (compiled.isinsert and inserts == [statement.table.name]):
        found.append(f"an INSERT into {inserts[0]} within another statement")
    return found


def _tenant_values(compiled: SQLCompiler) -> list[str]:
    """The name of tenant_id's bound value in each row of VALUES, as SQLAlchemy numbers them."""
    statement: Any = compiled.statement
    rows = sum(map(len, statement._multi_values))
    first = TENANT_ID if TENANT_ID in compiled.binds else f"{TENANT_ID}_m0"
    return [first, *(f"{TENANT_ID}_m{number}" for number in range(1, rows))] if rows else [TENANT_ID]


def _is(value: object, clinic: int) -> bool:
    return type(value) is int and value == clinic
