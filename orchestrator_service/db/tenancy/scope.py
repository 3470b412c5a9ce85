"""The clinic a transaction works for: taken as it begins, on the server and here, and gone with it.

The role and `app.tenant_id` are the transaction's own, so nothing is left on a pooled connection whatever ends it,
and a transaction-pooling PgBouncer may serve two clinics by turns on one connection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Engine, Table, TextClause, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from orchestrator_service.db import storable
from orchestrator_service.db.not_migrated import name_the_migration
from orchestrator_service.db.tenancy.errors import (
    CrossTenantError,
    NotIsolatedError,
    RefusedStatementError,
    UnknownClinicError,
)

ROLE = "orchestrator_tenant"  # what 02_tenant_isolation.sql calls the clinic's role
SCRIPT = "02_tenant_isolation.sql"
_MAY_NOT_BE_TAKEN = ("22023", "42501")  # no such role; not a member of it
_QUOTING = postgresql.psycopg2.PGDialect_psycopg2().identifier_preparer  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Scope:
    """Whose transaction a connection is in: a clinic's or everybody's; with a `role`, Postgres keeps it.

    `lasts` asks the driver whether the server is in that transaction still.
    """

    tenant_id: int | None
    role: str | None
    tables: Sequence[Table]
    lasts: Callable[[], object]
    rolling_back: bool = False  # by the statement that comes next, to a savepoint: perhaps one from before the role
    taken: bool = True


_scopes: WeakKeyDictionary[Connection, Scope] = WeakKeyDictionary()
_watched: WeakSet[Engine] = WeakSet()
_known: WeakKeyDictionary[Engine, set[int]] = WeakKeyDictionary()


def tenant_of(connection: Connection) -> int | None:
    """The clinic a connection's transaction works for; None outside a clinic's session."""
    scope = _scopes.get(connection)
    return scope.tenant_id if scope else None


def enter(connection: Connection, tenant_id: int | None, role: str | None, tables: Sequence[Table]) -> None:
    """Make the connection's transaction a clinic's (`role`: kept by Postgres), or everybody's when it is None.

    Whatever it raises, the connection is lost: a second try must not find it half way in.
    """
    try:
        held = _scopes.pop(connection, None)
        if held and held.tenant_id != tenant_id:
            raise CrossTenantError(f"This transaction works for {_named(held.tenant_id)}, not for {_named(tenant_id)}.")
        _watch(connection.engine)
        if role is not None:
            _take(connection, tenant_id, role, tables)
        if tenant_id is not None:
            _know(connection, tenant_id)
        lasts = _lasting(connection.connection.driver_connection) if role else lambda: True
        _scopes[connection] = Scope(tenant_id, role, tables, lasts)
    except BaseException:
        connection.invalidate()
        raise


def _take(connection: Connection, tenant_id: int | None, role: str, tables: Sequence[Table]) -> None:
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise NotIsolatedError("A clinic's session needs transactions, and this engine is in AUTOCOMMIT.")
    names, taking = _taking(tuple((connection.schema_for_object(table), table.name) for table in tables))
    try:
        _, _, *active = connection.execute(taking, {"role": role, "tenant": str(tenant_id)}).one()
    except DBAPIError as error:
        if _sqlstate(error) not in _MAY_NOT_BE_TAKEN:
            raise
        what = f"this login may not take the role {role} ({str(error.orig).splitlines()[0]})"
        raise NotIsolatedError(f"{what}. Run migrations/{SCRIPT} and GRANT {role} to it.") from error
    open_tables = [name for name, is_active in zip(names, active, strict=True) if is_active is False]
    if open_tables:
        what = f"row security does not keep {', '.join(open_tables)} from the role {role}"
        raise NotIsolatedError(f"Here {what}. Run migrations/{SCRIPT}.")


@lru_cache
def _taking(tables: tuple[tuple[str | None, str], ...]) -> tuple[list[str], TextClause]:
    """The tables' names as SQL writes them, and the statement that takes the role and asks about each of them."""
    names = [".".join(_QUOTING.quote(part) for part in table if part) for table in tables]
    # Postgres computes the columns from left to right: the last ones with the role already taken.
    active = [
        ", row_security_active(to_regclass('{}'))".format(name.replace("'", "''").replace(":", r"\:")) for name in names
    ]
    return names, text(
        f"SELECT set_config('role', :role, true), set_config('app.tenant_id', :tenant, true){''.join(active)}"
    )


def _know(connection: Connection, tenant_id: int) -> None:
    """Ask once per engine and clinic whether the clinic exists."""
    known = _known.setdefault(connection.engine, set())
    if tenant_id not in known:
        if not connection.scalar(text("SELECT EXISTS (SELECT FROM tenants WHERE id = :id)"), {"id": tenant_id}):
            raise UnknownClinicError(f"No clinic has tenant_id {tenant_id}.")
        known.add(tenant_id)


def _watch(engine: Engine) -> None:
    if engine not in _watched:
        _watched.add(engine)
        event.listen(engine, "before_cursor_execute", look)
        event.listen(engine, "handle_error", _explain)
        event.listen(engine, "prepare_twophase", give_role_back)
        event.listen(engine, "rollback_savepoint", _roll_back)
        for ending in ("commit", "rollback", "commit_twophase", "rollback_twophase"):
            event.listen(engine, ending, leave)


def leave(connection: Connection, *_of_two_phases: Any) -> None:
    """Forget whose transaction it was."""
    _scopes.pop(connection, None)


def _roll_back(connection: Connection, *_savepoint: Any) -> None:
    if scope := _scopes.get(connection):
        scope.rolling_back = scope.role is not None


def give_role_back(connection: Connection, _xid: Any) -> None:
    """Prepare a transaction as the login itself, who will be the one to commit it."""
    scope = _scopes.get(connection)
    if scope and scope.role:
        connection.exec_driver_sql("SET LOCAL role TO DEFAULT")
        leave(connection)


def look(connection: Connection, _cursor: Any, _sql: str, _parameters: Any, context: Any, many: bool) -> None:
    """Before a statement of ours leaves: its transaction is still the clinic's, and its values can be stored."""
    scope = _scopes.get(connection)
    if scope is None:
        return
    if not scope.lasts():
        raise RefusedStatementError("SQL text ended this transaction, and with it the clinic's. Use session.commit().")
    if scope.rolling_back:
        scope.rolling_back = scope.taken = False
    elif not scope.taken:
        scope.taken = True  # the statement that takes it passes here too
        enter(connection, scope.tenant_id, scope.role, scope.tables)
    storable.check(context, many)


def _explain(context: Any) -> None:
    if context.connection in _scopes:
        name_the_migration(context)


def _lasting(driver: Any) -> Callable[[], object]:
    """Whether the server is in a transaction, as each driver knows without asking; libpq's idle is 0."""
    for name in ("is_in_transaction", "get_transaction_status"):
        if asked := getattr(driver, name, None):
            return cast(Callable[[], object], asked)
    return lambda: driver.info.transaction_status


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)


def _named(tenant_id: int | None) -> str:
    return "all clinics" if tenant_id is None else f"clinic {tenant_id}"
