"""Another project's Alembic on the same database: a history of its own, in the table Alembic takes by itself."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from tests.running import BIN

ENV = """
from os import environ
from alembic import context
from sqlalchemy import NullPool, create_engine, text

with create_engine(environ["THEIR_DATABASE"], poolclass=NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=None, {options})
    with context.begin_transaction():
        # Alembic takes no lock of its own, so a project whose runners start together takes one.
        connection.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        context.run_migrations()
"""
REVISION = """
from pathlib import Path

from alembic import op

revision = "{revision}"
down_revision = {before!r}


def upgrade():
{upgrade}

def downgrade():
    pass
"""
FIRST, SECOND, THIRD = "a1b2c3d4e5f6", "b2c3d4e5f6a7", "c3d4e5f6a7b8"
OF_THEIRS = 'op.execute("CREATE TABLE of_theirs (id int)")'
# What docs/dba.md tells them to write.
RUNS_OURS = """\
sql = Path("migrations/01_meta_ads_columns.sql").read_text(encoding="utf-8")
with op.get_context().autocommit_block():
    op.execute("SET migration.deadline = '2min'")
    op.get_bind().exec_driver_sql(sql, execution_options={"no_parameters": True})
"""
ASKS_WHAT_IS_LOCKED = """\
op.execute("CREATE TABLE seen AS SELECT mode FROM pg_locks "
           "WHERE relation = 'patients'::regclass AND pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'")
"""


class Revision(NamedTuple):
    """One of theirs: its id, and the lines of its upgrade()."""

    name: str
    upgrade: str


class AnotherProject:
    """Their Alembic in a folder: revisions in order, `options` of theirs for context.configure()."""

    def __init__(self, home: Path, *revisions: Revision, options: str = "") -> None:
        self._settings = home / "alembic.ini"
        self._settings.write_text(f"[alembic]\nscript_location = {home}\npath_separator = os\n", encoding="utf-8")
        (home / "env.py").write_text(ENV.format(options=options), encoding="utf-8")
        (home / "versions").mkdir()
        before = None
        for one in revisions:
            body = "".join(f"    {line}\n" for line in one.upgrade.splitlines())
            text = REVISION.format(revision=one.name, before=before, upgrade=body)
            (home / "versions" / f"{one.name}.py").write_text(text, encoding="utf-8")
            before = one.name

    def start(self, database: Database) -> subprocess.Popen[str]:
        """Their `alembic upgrade head`, under way."""
        address = database.url.render_as_string(hide_password=False)
        return subprocess.Popen(
            [str(BIN / "alembic"), "-c", str(self._settings), "upgrade", "head"],
            cwd=ROOT, env={**os.environ, "THEIR_DATABASE": address}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def upgrade(self, database: Database) -> None:
        """Their `alembic upgrade head`, to its end; fails when it fails."""
        run = self.start(database)
        output, _ = run.communicate(timeout=120)
        assert run.returncode == 0, output
