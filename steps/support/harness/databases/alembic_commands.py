"""Runs Alembic's commands on a database of the suite, in this process."""

import io
import os
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from steps.support.harness.databases.database import Database
from steps.support.harness.databases.psql import Outcome


@dataclass(frozen=True)
class Alembic:
    """A product's Alembic: the TOML file with its settings, folders of more revisions, files to run for its scripts.

    `scripts` puts a file in the place of each script it names, as `-D migration` does.
    """

    settings: Path
    versions: tuple[Path, ...] = ()
    scripts: Mapping[str, Path] = field(default_factory=dict)

    def upgrade(self, database: Database, revision: str = "head") -> Outcome:
        """`alembic upgrade REVISION`."""
        return self._run(database, lambda config: command.upgrade(config, revision))

    def downgrade(self, database: Database, revision: str, *arguments: str) -> Outcome:
        """`alembic -x ARGUMENT … downgrade REVISION`."""
        return self._run(database, lambda config: command.downgrade(config, revision), *arguments)

    def check(self, database: Database) -> Outcome:
        """`alembic check`: fails when the models and the database differ."""
        return self._run(database, command.check)

    def _run(self, database: Database, what: Callable[[Config], None], *arguments: str) -> Outcome:
        config = Config(
            toml_file=self.settings,
            stdout=io.StringIO(),
            cmd_opts=Namespace(x=list(arguments)),
            attributes={"url": database.url, "scripts": dict(self.scripts)},
        )
        if self.versions:
            own = Path(str(config.get_alembic_option("script_location"))) / "versions"
            config.set_main_option("path_separator", "os")
            config.set_main_option("version_locations", os.pathsep.join(map(str, (own, *self.versions))))
        started = time.monotonic()
        try:
            what(config)
        except CommandError as error:
            return Outcome(False, message=str(error), seconds=time.monotonic() - started)
        return Outcome(True, seconds=time.monotonic() - started)
