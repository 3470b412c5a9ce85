"""Alembic's environment: a version table of our own, one runner at a time, the scripts' notices as they come.

A revision is handed `run`, which runs a SQL file of this folder: the same text that psql runs.
"""

import logging
import os
import time
from pathlib import Path
from typing import Any

from alembic import context, op
from alembic.util import CommandError
from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

import orchestrator_service.db.models_dental  # noqa: F401  fills Base.metadata
from orchestrator_service.db.base import Base
from orchestrator_service.db.settings import SettingsError, database_url

FOLDER = Path(__file__).parent
SETTINGS = ("deadline", "max_stall")  # and drop_attribution and the like
arguments = context.get_x_argument(as_dictionary=True)
if unknown := [name for name in arguments if name not in SETTINGS and not name.startswith("drop_")]:
    raise CommandError(f"Unknown -x {', '.join(unknown)}. There are {', '.join(SETTINGS)} and drop_….")
# A session's lock would stay behind in the pool of a transaction-pooling PgBouncer; a transaction's cannot.
TAKE_TURN = (
    "SELECT pg_try_advisory_xact_lock(hashtextextended('meta-ads-attribution alembic', 0)), "
    "set_config('idle_in_transaction_session_timeout', '0', true)"
)
OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "include_name": lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
    "compare_type": True,
    "compare_server_default": True,
    "transaction_per_migration": True,  # a migration's lock ends with it, not with the last one
    "version_table": context.config.get_alembic_option("version_table", "meta_ads_alembic_version"),
}
given: Engine | None = context.config.attributes.get("connection")  # by a program that calls Alembic


class Notices:
    """Takes a connection's notices as a list would, and logs each."""

    def append(self, notice: str) -> None:
        """Log a notice, without the severity in front."""
        logging.getLogger("migrations").info(notice.split(":", 1)[-1].strip())


def run(script: str | Path) -> None:
    """Send a file's text as one statement, the settings before it; print both under `--sql`.

    The acceptance suite puts a candidate in the place of a script through `Config.attributes["scripts"]`.
    """
    path = context.config.attributes.get("scripts", {}).get(Path(script).name, FOLDER / script)
    sql = path.read_text(encoding="utf-8-sig")  # psql passes over a byte order mark too
    for name, value in arguments.items():
        op.execute(text("SELECT set_config(:name, :value, true)").bindparams(name=f"migration.{name}", value=value))
    if context.is_offline_mode():
        op.get_context().impl.static_output(sql)
    else:
        # Neither the driver nor SQLAlchemy may read % or :name as a parameter.
        op.get_bind().exec_driver_sql(sql, execution_options={"no_parameters": True})


def take_turn(connection: Connection) -> None:
    """Be the one runner until the connection closes; raises CommandError when another one is past the deadline.

    It asks again instead of waiting in Postgres: a pool of few connections is left to the runner whose turn it is.
    """
    deadline = arguments.get("deadline", "1min")
    # Read as the scripts read it.
    seconds = text("SELECT extract(epoch FROM CAST(set_config('lock_timeout', :it, true) AS interval))")
    end = time.monotonic() + float(connection.scalar(seconds.bindparams(it=deadline)) or 0)
    while not connection.scalar(text(TAKE_TURN)):
        connection.rollback()
        if time.monotonic() > end:
            raise CommandError(f"Another alembic has been migrating this database for {deadline}. Nothing was changed.")
        time.sleep(0.1)


def run_online() -> None:
    """Run the command on the database, one runner at a time."""
    engine = given or create_engine(database_url(os.environ), poolclass=NullPool)
    with engine.connect() as turn, engine.connect() as connection:
        take_turn(turn)
        for name in ("migration.ask", "migration.verify"):
            if turn.scalar(text("SELECT current_setting(:it, true)").bindparams(it=name)) not in (None, "", "no"):
                raise CommandError(f"{name} is for psql: Alembic would stamp what was only asked about.")
        connection.connection.driver_connection.notices = Notices()  # type: ignore[union-attr]
        connection.dialect.supports_comments = False  # a comment on a column is the DBA's, not a drift
        run_revisions(connection=connection)


def run_revisions(**where: Any) -> None:
    """Run each revision in a transaction of its own, or print it."""
    context.configure(**where, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations(run=run)


if not given:
    logging.basicConfig(format="%(message)s")
    for name in ("migrations", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("alembic.util.messaging").disabled = True  # Alembic prints an error and logs it as well
    set_wait_callback(wait_select)  # else psycopg2 hands notices over only at the end
try:
    if context.is_offline_mode():
        run_revisions(dialect_name="postgresql", literal_binds=True)
    else:
        run_online()
except SettingsError as error:
    raise CommandError(str(error)) from None
except DBAPIError as error:
    code = f"{error.orig.pgcode}: " if getattr(error.orig, "pgcode", None) else ""  # type: ignore[union-attr]
    # Postgres's own message, DETAIL and HINT, without Python's traceback or PL/pgSQL's line numbers.
    raise CommandError(code + str(error.orig).partition("\nCONTEXT:")[0].strip()) from error
