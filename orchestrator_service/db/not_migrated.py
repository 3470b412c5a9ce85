"""One clear line when the service runs on a table that lacks a column its models have."""

import re
from typing import Any

from sqlalchemy import Column
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DontWrapMixin

from orchestrator_service.db.base import Base

MIGRATION = "migration"  # the key in Column.info: the script that adds the column
_UNDEFINED_COLUMN = "42703"
_QUALIFIED = re.compile(r'(\w+)"?\."?(\w+)')


class NotMigratedError(DontWrapMixin, RuntimeError):
    """The database lacks a column a model has: the service was deployed before the migration ran."""


def name_the_migration(context: ExceptionContext) -> None:
    """Say which migration is missing in the place of Postgres's error, which stays as the cause.

    A listener of `handle_error`; the sessions of `tenancy` put it on the engines they work on.
    """
    original: Any = context.original_exception
    if _UNDEFINED_COLUMN in (getattr(original, "pgcode", None), getattr(original, "sqlstate", None)):
        missing = _named_in(str(original), context.statement or "")
        if missing is not None:
            raise NotMigratedError(
                f"{missing.table.name}.{missing.name} is not there yet: this database lacks the migration "
                f"{missing.info[MIGRATION]}. Run migrations/{missing.info[MIGRATION]} or alembic upgrade head."
            )


def _named_in(message: str, statement: str = "") -> Column[Any] | None:
    # By names, not by the sentence: the server may speak another language. It names the column with its table, or with
    # the name the statement gives that table: SQLAlchemy's own are patients_1 and the like.
    line = message.partition("\n")[0]
    words = {re.sub(r"_\d+$", "", word) for word in re.findall(r"\w+", line)}
    tables = Base.metadata.tables.values()
    named = [table for table in tables if table.name in words]
    if not named:
        aliases = [alias for alias, _ in _QUALIFIED.findall(line)]
        named = [table for table in tables if any(_calls(statement, table.name, alias) for alias in aliases)]
    for table in named:
        for column in table.columns:
            if MIGRATION in column.info and column.name in words:
                return column
    return None


def _calls(statement: str, table: str, alias: str) -> bool:
    return bool(re.search(rf'\b{table}"?\s+(as\s+)?"?{alias}\b', statement, re.IGNORECASE))
