"""Runs Alembic's commands on a database of the suite, in this process."""

import io
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from steps.support.harness.databases.database import Database
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.options import ROOT, SCRIPT


def upgrade(database: Database, script: Path = SCRIPT) -> Outcome:
    """`alembic upgrade head`, with `script` in the place of the migration's."""
    return _run(database, lambda config: command.upgrade(config, "head"), script=script)


def downgrade(database: Database, *, drop_attribution: bool = False) -> Outcome:
    """`alembic downgrade 0001`, with `-x drop_attribution=yes` when told so."""
    arguments = ["drop_attribution=yes"] if drop_attribution else []
    return _run(database, lambda config: command.downgrade(config, "0001"), arguments=arguments)


def check(database: Database) -> Outcome:
    """`alembic check`: fails when the models and the database differ."""
    return _run(database, command.check)


def _run(
    database: Database,
    what: Callable[[Config], None],
    *,
    script: Path = SCRIPT,
    arguments: list[str] | None = None,
) -> Outcome:
    config = Config(
        toml_file=ROOT / "pyproject.toml",
        stdout=io.StringIO(),
        cmd_opts=Namespace(x=arguments or []),
        attributes={"url": database.url, "scripts": {SCRIPT.name: script}},
    )
    started = time.monotonic()
    try:
        what(config)
    except CommandError as error:
        return Outcome(False, message=str(error), seconds=time.monotonic() - started)
    return Outcome(True, seconds=time.monotonic() - started)
