"""Many runners, one at a time: each revision in its own transaction, each transaction in its turn.

Alembic takes no lock of its own, so two `upgrade head` would race on the version table. A lock that
belongs to the transaction also holds behind a transaction-pooling PgBouncer, where a session's does not;
and the version is read again under the lock, so what another runner did meanwhile is not done twice.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from alembic import op
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

Steps = Callable[[Sequence[str], MigrationContext], Sequence[MigrationStep]]
LOCK = "meta-ads-attribution alembic"
LOCK_NOT_AVAILABLE = "55P03"


class Turns:
    """The steps of one Alembic command, dealt one to a transaction.

    `planned` is Alembic's own function from the current heads to the steps of the command; `ask` is called with all of
    them before the first is dealt.
    """

    def __init__(self, planned: Steps, ask: Callable[[Sequence[MigrationStep]], None]) -> None:
        self._planned = planned
        self._ask = ask
        self._remaining: deque[MigrationStep] | None = None
        self.done = False

    def next_step(self, heads: Sequence[str], migration_context: MigrationContext) -> list[MigrationStep]:
        """At most one step: the next of the plan that still starts from where the database is."""
        if self._remaining is None:
            self._remaining = deque(self._planned(heads, migration_context))
            self._ask(self._remaining)
        while self._remaining:
            step: Any = self._remaining.popleft()
            if set(step.from_revisions_no_deps) <= set(heads):
                return [step]
        self.done = True
        return []


def ask_every_step(steps: Sequence[MigrationStep]) -> None:
    """Raise what a step of a downgrade would be refused with, before the first is taken and committed.

    A script that reads `migration.ask` changes nothing; whatever another one does is rolled back. One step alone
    asks as it goes.
    """
    down = [step for step in steps if not step.is_upgrade]
    for step in down if len(down) > 1 else ():
        with op.get_bind().begin_nested() as savepoint:
            _set_ask(op.get_bind(), "yes")
            step.migration_fn()
            savepoint.rollback()


def _set_ask(connection: Connection, ask: str) -> None:
    connection.execute(text("SELECT set_config('migration.ask', :ask, true)"), {"ask": ask})


def wait_for_turn(connection: Connection, deadline: str) -> None:
    """Take the transaction's lock; raises CommandError when others keep it past `deadline`."""
    connection.execute(text("SELECT set_config('lock_timeout', :deadline, true)"), {"deadline": deadline})
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": LOCK})
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        raise CommandError(
            f"Another alembic has been migrating this database for over {deadline}; nothing was changed. "
            "Run this again when it has ended."
        ) from error
    connection.execute(text("SELECT set_config('lock_timeout', :usual, true)"), {"usual": _usual(connection)})
    _set_ask(connection, "no")  # whatever PGOPTIONS say: a revision that was only asked about must not be stamped


def _usual(connection: Connection) -> str:
    """The session's own lock_timeout, from before this transaction."""
    usual = connection.scalar(
        text("SELECT reset_val || coalesce(unit, '') FROM pg_settings WHERE name = 'lock_timeout'")
    )
    return str(usual)
