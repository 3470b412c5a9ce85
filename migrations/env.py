"""Alembic's environment: where the database is, a history of our own, one revision at a time."""

import os
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

import orchestrator_service.db.models_dental  # noqa: F401  fills Base.metadata
from migrations import notices
from migrations.settings import checked_arguments
from migrations.turns import Turns, ask_every_step, wait_for_turn
from orchestrator_service.db.base import Base
from orchestrator_service.db.settings import SettingsError, database_url

DEADLINE = "1min"
VERSION_TABLE = "meta_ads_alembic_version"  # of our own: a service's history in alembic_version is none of our business
OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "include_name": lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
    "compare_type": True,
    "compare_server_default": True,
    "transaction_per_migration": True,  # a migration's lock ends with it, not with the last one
    "version_table": context.config.get_alembic_option("version_table", VERSION_TABLE),
}


def address() -> URL:
    """The URL a caller put in `Config.attributes["url"]`, or the environment's."""
    given: URL | None = context.config.attributes.get("url")
    try:
        return given or database_url(os.environ)
    except SettingsError as error:
        raise CommandError(str(error)) from None


def history(connection: Connection) -> MigrationContext:
    """This project's history in the database, beside whichever others are there."""
    return MigrationContext.configure(connection, opts={"version_table": OPTIONS["version_table"]})


def refuse_unknown_revision(connection: Connection) -> None:
    """Raise CommandError, before anything is written, when the database is where these revisions do not lead."""
    unknown = sorted(set(history(connection).get_current_heads()) - revisions())
    if unknown:
        raise CommandError(
            f"This database is at revision {', '.join(unknown)}, which this version of the project does not have; "
            "it was left untouched. Run the version that has it."
        )


def adopt(connection: Connection) -> None:
    """Before a downgrade, go on from our revision in `alembic_version`, where it stood until it had a table of its own.

    Before a downgrade alone: an upgrade runs again what it then finds done, for a number may be another project's too.
    """
    former = MigrationContext.configure(connection).get_current_heads()
    if len(former) == 1 and set(former) <= revisions() and not inspect(connection).has_table(OPTIONS["version_table"]):
        history(connection).stamp(ScriptDirectory.from_config(context.config), former[0])


def revisions() -> set[str]:
    """Every revision of this project."""
    return {revision.revision for revision in ScriptDirectory.from_config(context.config).walk_revisions()}


def run_online() -> None:
    """Run the command's steps, each in a transaction and a turn of its own."""
    deadline = checked_arguments().get("deadline", DEADLINE)
    engine = create_engine(address(), poolclass=NullPool)
    with engine.connect() as connection:
        notices.show(connection)
        # What a DBA wrote on a column is theirs; without this, `check` takes a comment for drift.
        connection.dialect.supports_comments = False
        context.configure(connection=connection, **OPTIONS)
        planned = context.get_context().opts["fn"]
        turns = Turns(planned, ask_every_step)
        while not turns.done:
            with connection.begin():
                wait_for_turn(connection, deadline)
                refuse_unknown_revision(connection)
                if planned.__name__ == "downgrade":
                    adopt(connection)
                context.configure(connection=connection, fn=turns.next_step, **OPTIONS)
                context.run_migrations()


def run_offline() -> None:
    """Print the SQL; no database is asked."""
    checked_arguments()
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if "url" not in context.config.attributes:
    notices.set_up_logging()
if context.is_offline_mode():
    run_offline()
else:
    try:
        run_online()
    except DBAPIError as error:
        # Postgres's own message, DETAIL and HINT, without Python's traceback or PL/pgSQL's line numbers.
        raise CommandError(str(error.orig).partition("\nCONTEXT:")[0].strip()) from error
