"""Runs Alembic's commands on a database of the suite, in this process."""

import io
import os
import signal
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg2.errorcodes import QUERY_CANCELED

from steps.support.postgres import time_limit
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.subject import Subject


@dataclass(frozen=True)
class Alembic:
    """A product's Alembic: the TOML file with its settings, folders of more revisions, files to run for its scripts.

    `scripts` puts a file in the place of each script it names, as `-D migration` does.
    """

    settings: Path
    versions: tuple[Path, ...] = ()
    scripts: Mapping[str, Path] = field(default_factory=dict)

    def upgrade(self, database: Database, subject: Subject | None = None) -> Outcome:
        """`alembic upgrade` to a migration, in the history it is in; to the head of the product's own without one."""
        for script in self.scripts.values():
            time_limit.expect_end(script)
        revision = subject.revision if subject else "head"
        return self._run(database, lambda config: command.upgrade(config, revision), subject)

    def downgrade(self, database: Database, subject: Subject, *arguments: str) -> Outcome:
        """`alembic -x ARGUMENT … downgrade` to what stands before a migration."""
        return self._run(database, lambda config: command.downgrade(config, subject.previous), subject, *arguments)

    def check(self, database: Database) -> Outcome:
        """`alembic check`: fails when the models and the database differ."""
        return self._run(database, command.check)

    def _run(
        self, database: Database, what: Callable[[Config], None], subject: Subject | None = None, *arguments: str
    ) -> Outcome:
        own_history = subject.alembic if subject else None
        config = Config(
            file_=own_history,
            toml_file=None if own_history else self.settings,
            stdout=io.StringIO(),
            cmd_opts=Namespace(x=list(arguments)),
            attributes={"url": database.url, "scripts": dict(self.scripts)},
        )
        if self.versions and not own_history:
            own = Path(str(config.get_alembic_option("script_location"))) / "versions"
            config.set_main_option("path_separator", "os")
            config.set_main_option("version_locations", os.pathsep.join(map(str, (own, *self.versions))))
        started = time.monotonic()
        failure = _in_time(partial(what, config))
        outcome = Outcome(failure is None, seconds=time.monotonic() - started)
        if isinstance(failure, TimeoutError):
            for script in self.scripts.values():
                time_limit.note(script)
            outcome.sqlstate, outcome.message = QUERY_CANCELED, str(failure)
        elif isinstance(failure, CommandError):
            outcome.message = str(failure)
        elif failure:
            raise failure
        return outcome


def _in_time(work: Callable[[], None]) -> Exception | None:
    """How the work ended badly, if it did: TimeoutError when it took longer than a script may."""
    limit = time_limit.seconds()
    late: list[TimeoutError] = []

    def end(*_: object) -> None:
        late.append(TimeoutError(time_limit.reached(limit)))
        raise late[0]

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        work()
    except Exception as error:
        return late[0] if late else error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return None
