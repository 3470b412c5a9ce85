"""One clear line when the service runs on a table that lacks a column its models have."""

import re
from typing import Any

from sqlalchemy import Column, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DontWrapMixin

from orchestrator_service.db.base import Base

MIGRATION = "migration"  # the key in Column.info: the script that adds the column
_UNDEFINED_COLUMN = "42703"


class NotMigratedError(DontWrapMixin, RuntimeError):
    """The database lacks a column a model has: the service was deployed before the migration ran."""


# Every engine, as the service makes its own: the error of another database names no column of ours.
@event.listens_for(Engine, "handle_error")
def name_the_migration(context: ExceptionContext) -> None:
    """Say which migration is missing in the place of Postgres's error, which stays as the cause."""
    error: Any = context.original_exception
    if _UNDEFINED_COLUMN in (getattr(error, "pgcode", None), getattr(error, "sqlstate", None)):
        missing = _missing(str(error), context.statement or "")
        if missing is not None:
            script = missing.info[MIGRATION]
            raise NotMigratedError(
                f"{missing.table.name}.{missing.name} is not there yet: this database lacks the migration "
                f"{script}. Run migrations/{script} or alembic upgrade head."
            )


def _missing(message: str, statement: str) -> Column[Any] | None:
    # By names, not by the sentence: the server may speak another language.
    named = set(re.findall(r"\w+", message.partition("\n")[0]))
    written = set(re.findall(r"\w+", statement))
    columns = [column for table in Base.metadata.tables.values() if table.name in written for column in table.columns]
    return next((one for one in columns if MIGRATION in one.info and one.name in named), None)
