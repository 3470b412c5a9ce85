"""Runs Alembic's commands on a database of the suite, in this process."""

import io
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg2.errorcodes import QUERY_CANCELED
from sqlalchemy import NullPool, create_engine

from steps.support.postgres import time_limit
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome, sqlstate_of
from steps.support.subject import Subject


@dataclass(frozen=True)
class Alembic:
    """A product's Alembic: the file with its settings, and files to run in the place of its scripts, by their names."""

    settings: Path
    scripts: Mapping[str, Path] = field(default_factory=dict)

    def upgrade(self, database: Database, subject: Subject | None = None) -> Outcome:
        """`alembic upgrade` to a migration, in the history it is in; to the head of the product's own without one."""
        for script in self._scripts_of(subject):
            time_limit.expect_end(script)
        return self._run(database, subject, command.upgrade, subject.revision if subject else "head")

    def downgrade(self, database: Database, subject: Subject, *arguments: str) -> Outcome:
        """`alembic -x ARGUMENT … downgrade` to what stands before a migration."""
        return self._run(database, subject, command.downgrade, subject.previous, x=arguments)

    def check(self, database: Database) -> Outcome:
        """`alembic check`: fails when the models and the database differ."""
        return self._run(database, None, command.check)

    def _run(
        self, database: Database, subject: Subject | None, what: Callable[..., Any], *to: str, x: tuple[str, ...] = ()
    ) -> Outcome:
        settings = (subject and subject.alembic) or self.settings
        toml, limit = settings.suffix == ".toml", time_limit.seconds()
        limited = {"options": f"{database.url.query.get('options', '')} -c statement_timeout={limit:g}s"}
        config = Config(
            file_=None if toml else settings,
            toml_file=settings if toml else None,
            stdout=io.StringIO(),
            cmd_opts=Namespace(x=list(x)),
            attributes={
                "connection": create_engine(database.url, poolclass=NullPool, connect_args=limited),
                "scripts": dict(self.scripts),
            },
        )
        outcome, started = Outcome(succeeded=True), time.monotonic()
        try:
            what(config, *to)
        except CommandError as error:
            code = sqlstate_of(error.__cause__)
            outcome = Outcome(False, code, str(error).removeprefix(f"{code}: "))
        if outcome.sqlstate == QUERY_CANCELED and time.monotonic() - started >= limit:
            ran = self._scripts_of(subject) if what is command.upgrade else ()
            outcome.message = time_limit.reached(limit, *ran)
        return outcome

    def _scripts_of(self, subject: Subject | None) -> Iterable[Path]:
        return [self.scripts[subject.script.name]] if subject else self.scripts.values()
