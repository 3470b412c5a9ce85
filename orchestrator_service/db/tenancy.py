"""A session of one clinic, and the marks of the models whose rows are a clinic's.

Postgres keeps the session to its clinic: migrations/02_tenant_isolation.sql has it do so. Here the clinic is set, and
Postgres asked whether it would. The setting is the transaction's: whatever ends, resets or forgets the transaction
leaves a login that sees no row. docs/backend.md states what is guaranteed and what is not.
"""

from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, ForeignKey, event, inspect, text
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

_LARGEST = 2**31 - 1  # tenants.id is an integer
# In Connection.info: what the last check of this connection was about, and the clinics of transactions begun on it.
_CHECKED, _BEGUN = "orchestrator_service: policies", "orchestrator_service: transactions"

# It names Postgres's own functions and operators: a clinic that may CREATE in a schema of the path
# could otherwise have its own called as every session begins.
_BEGIN = text("""
SELECT pg_catalog.current_setting('app.tenant_id', true), pg_catalog.set_config('app.tenant_id', :clinic, true),
       (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', polrelid, xmin,
                 pg_catalog.row_security_active(polrelid), pg_catalog.pg_has_role(polroles[1], 'USAGE')), ',')
          FROM pg_catalog.pg_policy WHERE polname OPERATOR(pg_catalog.=) 'tenant_rows_only')
""")
_END = text("SELECT pg_catalog.set_config('app.tenant_id', '', true)")
_OWN_PATH = text("SET LOCAL search_path = pg_catalog, pg_temp")
# What this login could reach beyond its clinic.
_OPEN = text("""
SELECT string_agg(found, ', ')
  FROM (SELECT 'it may work as ' || rolname AS found
          FROM pg_roles
         WHERE (rolsuper OR rolbypassrls) AND pg_has_role(oid, 'MEMBER')
        UNION ALL
        SELECT CASE WHEN pg_has_role(relowner, 'MEMBER') THEN 'it may work as the owner of ' ELSE 'it may read ' END
               || CAST(CAST(pg_class.oid AS regclass) AS text)
          FROM pg_class
          JOIN pg_namespace ON pg_namespace.oid = relnamespace
          JOIN pg_attribute ON attrelid = pg_class.oid AND NOT attisdropped
               AND attname = CASE relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END
          LEFT JOIN pg_policy ON polrelid = pg_class.oid AND polname = 'tenant_rows_only',
               LATERAL (SELECT format('(%I = (NULLIF(current_setting(''app.tenant_id''\\:\\:text, true), '
                                      '''''\\:\\:text))\\:\\:%s)', attname, format_type(atttypid, NULL)) AS rows) AS own
         WHERE relkind IN ('r', 'p') AND nspname <> 'information_schema' AND nspname !~ '^pg_'
           AND has_any_column_privilege(pg_class.oid, 'SELECT')
           AND (row_security_active(pg_class.oid) AND NOT pg_has_role(relowner, 'MEMBER')
                AND NOT polpermissive AND polcmd = '*' AND pg_has_role(polroles[1], 'USAGE')
                AND pg_get_expr(polqual, polrelid) = rows AND pg_get_expr(polwithcheck, polrelid) = rows) IS NOT TRUE
       ) AS ways
""")


class Scoped:
    """What both marks share: `__tenant_key__` is the attribute that holds the clinic's number."""

    __tenant_key__: ClassVar[str]


class TenantOwned(Scoped):
    """Mixin for a model whose rows belong to a clinic each: gives it `tenant_id`, which a clinic's session fills in."""

    __tenant_key__ = "tenant_id"

    # What the ORM does not add as an object, such as the rows of an insert(), gets its clinic from the transaction.
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"),
        insert_default=text("CAST(NULLIF(pg_catalog.current_setting('app.tenant_id', true), '') AS integer)"),
    )


class TenantRow(Scoped):
    """Mixin for the model of the clinics themselves: gives it `id`, the clinic's number."""

    __tenant_key__ = "id"

    id: Mapped[int] = mapped_column(primary_key=True)


class TenancyError(DontWrapMixin, Exception):
    """Another clinic's data could have been reached; nothing was done. The message has names and ids alone."""


class InvalidClinicError(TenancyError, ValueError):
    """A session was asked for with a `tenant_id` that is no clinic's number: None, 0, a string, a bool."""


class NotIsolatedError(TenancyError):
    """Postgres would not keep this login to its clinic, so no transaction began."""


class CrossTenantError(TenancyError):
    """An object or a transaction of another clinic was handed to a clinic's session."""


class ClinicSession(Session):
    """A session to which Postgres shows one clinic's rows alone, whatever SQL it sends.

    `tenant_id` is the clinic's number; `options` are Session's own. Raises InvalidClinicError for what is no clinic's
    number; as a transaction begins, NotIsolatedError where Postgres would not keep this login to the clinic; and
    CrossTenantError for an object of another clinic, before anything of its flush is sent.
    """

    def __init__(self, bind: Engine | Connection | None = None, *, tenant_id: int, **options: Any) -> None:
        # bool is an int to Python, and True would be clinic 1.
        if type(tenant_id) is not int or not 0 < tenant_id <= _LARGEST:
            raise InvalidClinicError(f"A clinic's tenant_id is a positive int, not {tenant_id!r}.")
        self._tenant_id = tenant_id
        super().__init__(bind, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        return self._tenant_id


class AsyncClinicSession(AsyncSession):
    """ClinicSession for an AsyncEngine, such as asyncpg's; takes and raises what ClinicSession does."""

    sync_session_class = ClinicSession

    def __init__(self, bind: AsyncEngine | AsyncConnection | None = None, *, tenant_id: int, **options: Any) -> None:
        super().__init__(bind, tenant_id=tenant_id, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        session: Any = self.sync_session
        return int(session.tenant_id)


@event.listens_for(ClinicSession, "after_begin")
def _begin(session: ClinicSession, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:  # a savepoint is within the clinic's transaction
        return
    try:
        _take(session, transaction, connection)
    except BaseException:
        connection.invalidate()  # SQLAlchemy would not begin again, and go on with a transaction of no clinic's
        raise


def _take(session: ClinicSession, transaction: SessionTransaction, connection: Connection) -> None:
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise NotIsolatedError("A clinic's session needs transactions, and this connection is in AUTOCOMMIT.")
    clinic = str(session.tenant_id)
    before, _, policies = connection.execute(_BEGIN, {"clinic": clinic}).one()
    begun = connection.info.setdefault(_BEGUN, WeakKeyDictionary())
    # A session's COMMIT as text ends its transaction in Postgres alone: the session would go on in the next clinic's.
    others = {before, *(number for one, number in begun.items() if one.is_active)} - {None, "", clinic}
    if others:
        raise CrossTenantError(
            f"This connection works for clinic {others.pop()}: end that before clinic {clinic} begins."
        )
    begun[transaction] = clinic
    if policies is None or connection.info.get(_CHECKED) != policies:
        _check(connection)
        connection.info[_CHECKED] = policies


def _check(connection: Connection) -> None:
    """Raise NotIsolatedError unless all that the login may read is kept to a clinic."""
    with connection.begin_nested() as look:
        connection.execute(_OWN_PATH)
        found = connection.scalar(_OPEN)
        look.rollback()  # gives the path back
    if found:
        raise NotIsolatedError(
            f"Postgres would not keep this login to its clinic: {found}. Run migrations/02_tenant_isolation.sql as "
            "the owner, and use a login that has nothing but GRANT orchestrator_tenant."
        )


@event.listens_for(ClinicSession, "after_commit")
def _leave(session: ClinicSession) -> None:
    """Set no clinic any more, where the transaction that the session joined goes on: a test's, with two clinics."""
    if isinstance(session.bind, Connection) and session.bind.in_transaction() and not session.in_nested_transaction():
        session.bind.execute(_END)


@event.listens_for(ClinicSession, "before_attach")
def _attach(session: ClinicSession, instance: object) -> None:
    _claim(session, instance)
    # No statement would ask Postgres about such an object: merge(load=False) and what caches results make them.
    state = inspect(instance)
    if isinstance(instance, Scoped) and state.has_identity and not state.expired and _number(instance) is None:
        raise CrossTenantError(
            f"{type(instance).__name__} of a clinic that this session cannot know. Load it in this session."
        )


@event.listens_for(ClinicSession, "before_flush")
def _flush(session: ClinicSession, _context: object, _instances: object) -> None:
    for instance in [*session.new, *session.dirty]:
        _claim(session, instance)


def _claim(session: ClinicSession, instance: object) -> None:
    """Give a new object its clinic; raise CrossTenantError for an object of another."""
    if not isinstance(instance, Scoped):
        return
    number = _number(instance)
    if number is None:
        if isinstance(instance, TenantOwned) and not inspect(instance).has_identity:
            instance.tenant_id = session.tenant_id
    elif type(number) is not int or number != session.tenant_id:  # True would pass for clinic 1
        shown = number if type(number) is int else type(number).__name__
        raise CrossTenantError(
            f"{type(instance).__name__} of tenant_id {shown} in the session of clinic {session.tenant_id}. "
            "Open a session for its clinic; nothing was written."
        )


def _number(instance: Scoped) -> object:
    """The clinic's number that the object has loaded or was given; None without."""
    return inspect(instance).dict.get(instance.__tenant_key__)
