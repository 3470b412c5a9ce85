"""What a scenario has at hand, whatever its migration; it begins and ends with the scenario."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.probes import Behaviour
from steps.support.subject import Subject
from steps.support.suite import Suite
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.traffic.latency import Latency, Span
from steps.support.traffic.watch import Watch
from steps.support.traffic.writers import Writers
from steps.support.vocabulary import known


@dataclass
class World:
    """A scenario's migration, its databases, what was done to them and what is to be compared.

    `database` is the one the scenario is about; every database it makes is in `databases`. Whoever is at work
    beside the migration (writers, a blocker, a watch) is in `background` and leaves before they do.
    """

    suite: Suite
    subject: Subject
    databases: list[Database] = field(default_factory=list)
    background: ExitStack = field(default_factory=ExitStack)
    outcomes: list[Outcome] = field(default_factory=list)
    evidence: Evidence | None = None
    writers: Writers | None = None
    blocker: Blocker | None = None
    watch: Watch | None = None
    requested_while_held: set[str] = field(default_factory=set)  # lock modes
    behaviour: Behaviour | None = None
    runs_as: str = ""  # the role that runs the script; the suite's own without
    odd_column: str = ""  # the one that was made otherwise before
    table: str = ""  # of the migration's tables, the one the scenario's first steps are about

    @property
    def database(self) -> Database:
        """The database the scenario is about: the one it made first."""
        assert self.databases, "Ningún paso de este escenario dice con qué base de datos empieza: falta un Given."
        return self.databases[0]

    def about(self, script: str) -> Self:
        """This world; fails when `script` is not the file the scenario is about."""
        known(script, "el script de este escenario", [self.subject.script.name])
        return self

    def __post_init__(self) -> None:
        self.table = self.subject.table

    def on(self, table: str, rows: str = "") -> Self:
        """This world, about one of its migration's tables; fails when `table` is none, or `rows` is not its word."""
        self.table = known(table, "una tabla de este escenario", (self.subject.table, *self.subject.also))
        known(rows or self.subject.rows, f"cómo se llaman las filas de {table}", [self.subject.rows])
        return self

    @property
    def script(self) -> Path:
        """The file to run for the scenario's migration."""
        return self.suite.script_of(self.subject)

    @property
    def outcome(self) -> Outcome:
        """How the script's last run ended."""
        assert self.outcomes, "Ningún paso de este escenario ejecutó el script."
        return self.outcomes[-1]

    def begin_with(self, template: Database | None) -> Database:
        """Make one more database, cloned from `template`, or empty."""
        database = self.suite.fresh(template)
        self.databases.append(database)
        return database

    def take_evidence(self) -> Evidence:
        """Remember what the scenario's database holds now. Nobody may be connected to it: it may be cloned."""
        database = self.database
        if template := database.still:
            # Its template is the copy, and its evidence was taken once for all scenarios.
            self.evidence = self.suite.evidence_of(template)
        else:
            copy = self.begin_with(database)
            self.evidence = Evidence.take(database, copy, self.suite.product.tenant)
        return self.evidence

    def latency(self) -> Latency | None:
        """How long each write took; None without traffic. What was beside the migration leaves first."""
        if not self.writers:
            return None
        self.background.close()
        writers, blocker, zero = self.writers, self.blocker, self.writers.began
        names = [name for name, kind in KINDS.items() if blocker and kind is blocker.kind]
        runs = [run for run in self.outcomes if run.began]
        return Latency(
            waits=[(began - zero, wait) for began, wait in writers.waits],
            done=len(writers.written),
            seconds=writers.ended - zero,
            budget=self.subject.max_stall,
            writers=writers.count,
            failures=len(writers.failures),
            migrations=[Span("migración", run.began - zero, run.began + run.seconds - zero) for run in runs],
            blockers=[Span(name, blocker.began - zero, blocker.ended - zero) for name in names if blocker],
        )

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases; `kept_for` is the title of a scenario whose own is kept."""
        self.background.close()
        if kept_for and self.databases:
            self.suite.keep(self.databases.pop(0), kept_for)
        self.suite.drop(self.databases)
        self.databases.clear()
