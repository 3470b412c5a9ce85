"""What a scenario has at hand; it begins and ends with the scenario."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from orchestrator_service.db.models_dental import Patient
from steps.support.conduct_facts import Conduct
from steps.support.databases.database import Database
from steps.support.evidence.before_after import Evidence
from steps.support.psql import Outcome
from steps.support.suite import Suite


@dataclass
class World:
    """A scenario's databases, what was done to them and what is to be compared.

    `database` is the one the scenario is about; every database it makes is in `databases`.
    """

    suite: Suite
    databases: list[Database] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    evidence: Evidence | None = None
    patient: Patient | None = None
    patient_key: tuple[int, int] | None = None  # tenant_id, id
    sessions: list[Connection] = field(default_factory=list)  # of other people, open while the scenario lasts
    untouched: Database | None = None  # what `database` is still an exact clone of
    conduct: Conduct | None = None
    saved: dict[str, str | None] = field(default_factory=dict)  # what was set on the patient, by column

    @property
    def database(self) -> Database:
        """The database the scenario is about: the one it made first, with seeds unless a step says otherwise."""
        if not self.databases:
            self.begin_with(self.suite.lived_in)
        return self.databases[0]

    @property
    def outcome(self) -> Outcome:
        """How the script's last run ended."""
        assert self.outcomes, "no step of this scenario has run the script"
        return self.outcomes[-1]

    def begin_with(self, template: Database | None) -> Database:
        """Make one more database, cloned from `template`, or empty."""
        database = self.suite.fresh(template)
        if not self.databases:
            self.untouched = template
        self.databases.append(database)
        return database

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases; `kept_for` is the title of a scenario whose own is kept."""
        for session in self.sessions:
            session.close()
        self.sessions.clear()
        if kept_for and self.databases:
            self.suite.keep(self.databases.pop(0), kept_for)
        for database in self.databases:
            self.suite.discard(database)
        self.databases.clear()
