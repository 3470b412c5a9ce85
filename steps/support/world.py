"""What a scenario has at hand; it begins and ends with the scenario."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding, Kind
from steps.support.postgres import psql
from steps.support.postgres.columns import read, wrong
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.subject import Column, Subject
from steps.support.suite import Suite
from steps.support.traffic.blockers import Blocker
from steps.support.traffic.latency import Latency
from steps.support.traffic.writers import Writers
from steps.support.unmet import require


@dataclass
class World:
    """A scenario's databases, what was done to them and what is to be compared."""

    suite: Suite
    databases: list[Database] = field(default_factory=list)  # every one it made; the first is what it is about
    background: ExitStack = field(default_factory=ExitStack)  # writers, a blocker, a watch; they leave first
    outcomes: list[Outcome] = field(default_factory=list)
    clone_of: Database | None = None  # the template that `database` still equals
    taken: Evidence | None = None
    writers: Writers | None = None
    blocker: Blocker | None = None

    @property
    def subject(self) -> Subject:
        """The migration under acceptance."""
        return self.suite.options.subject

    @property
    def script(self) -> Path:
        """The file to run for it."""
        return self.suite.script_of(self.subject)

    @property
    def database(self) -> Database:
        """The database the scenario is about: the one it made first."""
        assert self.databases, "Ningún paso de este escenario dice con qué base de datos empieza: falta un Given."
        return self.databases[0]

    @property
    def outcome(self) -> Outcome:
        """How the script's last run ended."""
        assert self.outcomes, "Ningún paso de este escenario ejecutó el script."
        return self.outcomes[-1]

    @property
    def evidence(self) -> Evidence:
        """The evidence taken before the scenario's When."""
        assert self.taken, "Ningún paso de este escenario anotó antes cómo estaba todo."
        return self.taken

    def begin_with(self, template: Database | None) -> Database:
        """Make one more database, cloned from `template`, or empty."""
        database = self.suite.clone(template)
        if not self.databases:
            self.clone_of = template
        self.databases.append(database)
        return database

    def changing(self) -> Database:
        """The scenario's database, for what changes it; call it before, or evidence blames the script."""
        self.clone_of = None
        return self.database

    def take_evidence(self) -> None:
        """Remember what the scenario's database holds now. It may be cloned, so it must not be in use."""
        if self.clone_of:  # its evidence was taken once for all scenarios
            self.taken = self.suite.evidence_of(self.clone_of)
        else:
            self.taken = Evidence.take(self.database, self.begin_with(self.database), self.suite.product.tenant)

    def attempt(self, settings: Mapping[str, str] | None = None) -> None:
        """Run the script in a session with `settings`, however it ends."""
        if not self.taken:
            self.take_evidence()
        self.outcomes.append(psql.run_file(self.changing(), self.script, settings))

    def run(self, settings: Mapping[str, str] | None = None) -> None:
        """Run the script; fail when it fails."""
        self.attempt(settings)
        self.expect_success(self.outcome)

    def expect_success(self, *outcomes: Outcome, of: Subject | None = None) -> None:
        """Fail when a run of the script, or of another migration's, failed."""
        for outcome in outcomes:
            outcome.expect_success((of or self.subject).script.name)

    def columns(self) -> dict[str, Column]:
        """The columns that the migration's table has now, by name."""
        return read(self.database, self.subject.relation)

    def expect_error(self, wanted: str = "con un error") -> None:
        """Fail when the last run did not fail; `wanted` is the end that was asked for."""
        require([Finding(Kind.NOT_REFUSED, before=wanted, after=spanish.ended(""))] * self.outcome.succeeded)

    def not_as_asked(self) -> list[Finding]:
        """What the migration adds, columns and other facts of the catalogue, and is missing or wrong."""
        there, subject, found = self.columns(), self.subject, []
        before = read(self.taken.copy, subject.relation) if self.taken else {}
        for name, column in subject.columns.items():
            found += wrong(subject.table, name, column, there.get(name), before.get(name))
        return [*found, *(structure.wrong(structure.facts(self.database), subject.facts) if subject.facts else ())]

    def change(self, sql: str, values: Mapping[str, Any] | None = None) -> Any:
        """Run SQL on the scenario's database; returns its first value where it has rows."""
        with self.changing().connect() as connection:
            options = {} if values else {"no_parameters": True}
            found = connection.exec_driver_sql(sql, values, execution_options=options)
            return found.scalar() if found.returns_rows else None

    def latency(self) -> Latency | None:
        """How long each write took; None without traffic, which must have ended."""
        writers = self.writers
        if not writers or not writers.waits:
            return None
        migrations = [(run.began, run.seconds) for run in self.outcomes if run.began]
        return Latency(writers.waits, migrations, len(writers.written), self.subject.max_stall)

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases; `kept_for` is the title of a scenario whose own is kept."""
        self.background.close()
        if kept_for and self.databases:
            self.suite.kept[self.databases.pop(0)] = kept_for
        self.suite.drop(self.databases)
        self.databases.clear()
