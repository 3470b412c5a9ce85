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


@event.listens_for(Engine, "handle_error")
def name_the_migration(context: ExceptionContext) -> None:
    """Say which migration is missing in the place of Postgres's error, which stays as the cause."""
    original: Any = context.original_exception
    if getattr(original, "pgcode", None) == _UNDEFINED_COLUMN:
        missing = _named_in(str(original))
        if missing is not None:
            raise NotMigratedError(
                f"{missing.table.name}.{missing.name} is not there yet: this database lacks the migration "
                f"{missing.info[MIGRATION]}. Run migrations/{missing.info[MIGRATION]} or alembic upgrade head."
            )


def _named_in(message: str) -> Column[Any] | None:
    # By name, not by the sentence: the server may speak another language.
    words = set(re.findall(r"\w+", message.partition("\n")[0]))
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if MIGRATION in column.info and column.name in words:
                return column
    return None
