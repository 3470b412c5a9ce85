"""One run: its server, the templates scenarios start from, and what is kept when it ends."""

import atexit
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from functools import cached_property
from itertools import count
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from steps.support.evidence.before_after import Evidence
from steps.support.options import Options
from steps.support.postgres import psql, time_limit
from steps.support.postgres.alembic_commands import Alembic
from steps.support.postgres.choose import choose
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.server import Server
from steps.support.rehearsal import remote, source
from steps.support.rehearsal.rehearsal import rehearse
from steps.support.rehearsal.source import Snapshot
from steps.support.rehearsal.verdict import Rehearsed
from steps.support.subject import Product, Subject


class Suite:
    """What all scenarios of a run share. Close it, and nothing of it is left but what was to be kept.

    Nothing is started before it is asked for.
    """

    def __init__(self, options: Options, product: Product) -> None:
        self.options = options
        self.product = product
        self.alembic = Alembic(product.alembic, {one.script.name: self.script_of(one) for one in product.subjects})
        self._numbers = count(1)
        self.kept: dict[Database, str] = {}  # to be left behind with the server, for scenarios of these titles
        self._left: list[str] = []
        self._evidence: dict[Database, Evidence] = {}
        self._migrated: dict[Subject, tuple[Database, Outcome]] = {}
        self._changed: dict[tuple[str, Database], Database] = {}
        self._closing = ExitStack()
        self._closing.callback(self._end_server)
        self._reason = ""
        # Looked through first: what cannot be rehearsed is refused before a server is started for it.
        self._snapshot: Snapshot | None = None
        if options.snapshot:
            look = source.look_at if isinstance(options.snapshot, Path) else remote.look_at
            self._snapshot = look(options.snapshot, options.subject)  # type: ignore[arg-type]
        time_limit.begin(options.limit)

    @cached_property
    def server(self) -> Server:
        """The run's server, started or reached when first asked for; raises NoServerError when there is none."""
        server, self._reason = self._begin()
        return server

    @cached_property
    def rehearsed(self) -> Rehearsed | None:
        """How far a rehearsal came; None of a run without `-D snapshot`."""
        if not self._snapshot:
            return None
        subject = self.options.subject
        return Rehearsed(subject, self.script_of(subject), self._snapshot.label, self.server.version)

    def rehearse(self) -> None:
        """Restore the snapshot and judge the subject on it; raises SnapshotError when it cannot be restored."""
        assert self._snapshot
        assert self.rehearsed
        copy = self._pool.create("copy", real=True)
        rehearse(self.rehearsed, self._snapshot, self.server, copy, self.clone)

    @cached_property
    def _pool(self) -> Pool:
        pool = Pool(self.server, [role for subject in self.product.subjects for role in subject.roles])
        self._closing.callback(pool.close)
        self._closing.callback(self._drop_databases)
        return pool

    def _begin(self) -> tuple[Server, str]:
        return choose(self.options.postgres, self.options.image, large=bool(self._snapshot))

    def headline(self) -> str:
        """Which server, which version and why, in one line."""
        return f"Postgres {self.server.version}, {self.server.label} ({self._reason})"

    @cached_property
    def seeded(self) -> Database:
        """The template before any migration: the product's tables with the seeds in them."""
        database = self._pool.create("template")
        self.product.seeds.fill(database, self.options.rows)
        return database

    def script_of(self, subject: Subject) -> Path:
        """The file to run for a subject: the candidate, where `-D migration` gives one."""
        return (self.options.candidate if subject is self.options.subject else None) or subject.script

    def before(self, subject: Subject) -> Database:
        """The template before a subject's script: the seeds, after the scripts of those that come before it.

        Raises Unmet when one of those failed.
        """
        earlier = self.product.before(subject)
        if not earlier:
            return self.seeded
        database, outcome = self.migrated(earlier[-1])
        outcome.expect_success(earlier[-1].script.name)
        return database

    def migrated(self, subject: Subject) -> tuple[Database, Outcome]:
        """The template after a subject's script, with how the script ended."""
        if subject not in self._migrated:
            database = self.clone(self.before(subject))
            self._migrated[subject] = database, psql.run_file(database, self.script_of(subject))
        return self._migrated[subject]

    def evidence_of(self, template: Database) -> Evidence:
        """The evidence of a template, taken when it is first asked for; the template is its own copy."""
        if template not in self._evidence:
            self._evidence[template] = Evidence.take(template, template, self.product.tenant)
        return self._evidence[template]

    def clone(self, template: Database | None = None) -> Database:
        """A clone of `template`; an empty database without one."""
        name = f"{next(self._numbers):04d}"
        return self._pool.clone(template, name) if template else self._pool.create(name)

    def changed(self, name: str, base: Database, change: Callable[[Database], None]) -> Database:
        """The template `name`: a copy of another one after a change, made when first asked for."""
        if (name, base) not in self._changed:
            database = self.clone(base)
            change(database)
            self._changed[name, base] = database
        return self._changed[name, base]

    def drop(self, databases: Iterable[Database]) -> None:
        """Drop databases of a scenario; what cannot be dropped now is tried again at the end of the run."""
        for database in databases:
            with suppress(DBAPIError):
                self._pool.drop(database)

    def closing_lines(self) -> list[str]:
        """What could not be dropped; how to open and how to remove what is kept, a line each."""
        lines = [f"Left behind, as the server does not answer: {', '.join(self._left)}"] if self._left else []
        for database, title in self.kept.items():
            opening = self.server.opening.format(database.name) or database.opening_command()
            lines.append(f"Kept for {title!r}: {opening}")
        if self.kept:
            drops = [f"-c 'DROP DATABASE {database.name}'" for database in self.kept]
            removal = self.server.removal or " ".join([Database(self.server.url).opening_command(), *drops])
            lines.append(f"Remove with: {removal}")
        return lines

    def close(self) -> None:
        """Drop the run's databases and end its server, but for what was kept."""
        self._closing.close()

    def _drop_databases(self) -> None:
        # A throwaway server goes with all it has.
        if not self.server.throwaway or self.kept:
            self._left = self._pool.drop_all(but=self.kept)

    def _end_server(self) -> None:
        if self.kept:
            atexit.unregister(self.server.stop)
        elif "server" in vars(self):
            self.server.stop()
