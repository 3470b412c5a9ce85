"""What a scenario has at hand; it begins and ends with the scenario."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from orchestrator_service.db.models_dental import Patient
from steps.support.harness.concurrency.blockers import Holder
from steps.support.harness.concurrency.watch import Watch
from steps.support.harness.concurrency.writers import Writers
from steps.support.harness.databases import statement_log as trail
from steps.support.harness.databases.database import Database
from steps.support.harness.databases.probes import Conduct
from steps.support.harness.databases.psql import Outcome
from steps.support.harness.evidence.before_after import Evidence
from steps.support.harness.report.attachments import SERVER_LOG, SQL
from steps.support.harness.servers import log as server_log
from steps.support.harness.suite import Suite
from steps.support.spec.attempt import Attempt
from steps.support.spec.deployment.old_service import OldService
from steps.support.spec.tenancy.clinics import Clinics


@dataclass
class World:
    """A scenario's databases, what was done to them and what is to be compared.

    `database` is the one the scenario is about; every database it makes is in `databases`. Whatever lives
    beside the migration (traffic, somebody who holds the table) is in `company` and leaves before they do.
    """

    suite: Suite
    databases: list[Database] = field(default_factory=list)
    company: ExitStack = field(default_factory=ExitStack)
    outcomes: list[Outcome] = field(default_factory=list)
    evidence: Evidence | None = None
    writers: Writers | None = None
    holder: Holder | None = None
    watch: Watch | None = None
    requested_while_held: set[str] = field(default_factory=set)  # lock modes
    patient: Patient | None = None
    patient_key: tuple[int, int] | None = None  # tenant_id, id
    before: dict[str, Any] = field(default_factory=dict)  # the saved patient's values before a change
    old_service: OldService | None = None
    attempt: Attempt = field(default_factory=Attempt)
    clinics: Clinics = field(default_factory=Clinics)
    conduct: Conduct | None = None
    runs_as: str = ""  # the role that runs the script; the suite's own without
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
        self.databases.append(database)
        return database

    def traces(self) -> list[tuple[str, str]]:
        """What an engineer wants to see of a failure, each with its MIME type: the last SQL, the server's log."""
        # What is said of seeds may be quoted, what is said of real data may not.
        names = {database.name for database in self.databases if not database.real}
        log = server_log.of_databases(self.suite.server.log(), names)
        return [(mime, text) for mime, text in ((SQL, trail.text()), (SERVER_LOG, log)) if text]

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases; `kept_for` is the title of a scenario whose own is kept."""
        self.company.close()
        if self.old_service:
            self.old_service.end()
        if kept_for and self.databases:
            self.suite.keep(self.databases.pop(0), kept_for)
        for database in self.databases:
            self.suite.discard(database)
        self.databases.clear()
