"""Evidence of one database at one moment, and what became of it since."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from steps.support.evidence import content, structure
from steps.support.evidence.content import Contents, Fingerprint
from steps.support.evidence.structure import Facts, Key
from steps.support.evidence.tables import Table, tables
from steps.support.finding import Finding, Kind, Rows
from steps.support.postgres.database import Database
from steps.support.subject import Subject, Tenant


@dataclass(frozen=True)
class Evidence:
    """What a database held and how it was made, with a copy of it to look a difference up in."""

    copy: Database
    contents: Contents
    structure: Facts
    tenant: Tenant | None = None  # whose rows are, where a table has its column
    since: str = ""  # on real data: a transaction id; only tables written since then are hashed

    @classmethod
    def take(cls, database: Database, copy: Database, tenant: Tenant | None = None) -> "Evidence":
        """Evidence of `database` now; `copy` is its clone, to which nothing is written."""
        since = content.transaction(database) if database.real else ""
        return cls(copy, content.contents(database, tenant), structure.facts(database), tenant, since)

    @property
    def known(self) -> frozenset[str]:
        """Every name there was: of tables, columns and all other objects."""
        return frozenset(part for _, table, name in self.structure for part in (table, name))

    def lost_content(self, database: Database) -> list[Finding]:
        """What changed in any column that existed, of any row of any table."""
        found: list[Finding] = []
        with content.exact(database) as after:
            now = {table.name: table for table in tables(after, self.tenant)}
            for was, taken in self.contents.items():
                if was.name not in now:
                    found.append(Finding(Kind.TABLE_LOST, was.name))
                    continue
                gone = [column for column in was.columns if column not in now[was.name].columns]
                found += [Finding(Kind.COLUMN_LOST, was.name, column) for column in gone]
                if not (self.since and was.stays(now[was.name]) and self._untouched(after, was, taken)):
                    found += self._changed_rows(after, was, taken, was.reduced(set(gone), now[was.name]))
        return found

    def changed_structure(self, database: Database, allowing: Subject | None = None) -> list[Finding]:
        """Structure findings, minus what the migration `allowing` may change.

        What a migration may do is stated here, once: its columns may come, or change, in its table and in the
        partitions and children of it, which get what their parent gets; and so may its facts, in what they say.
        """
        allowed: dict[Key, Iterable[str] | None] = {}
        if allowing:
            for table in structure.family(self.structure, allowing.table):
                allowed |= {(sort, table, name): None for name in allowing.columns for sort in structure.COLUMNS}
            allowed |= {fact.key: fact.says if fact.key in self.structure else None for fact in allowing.facts}
        return structure.differences(self.structure, structure.facts(database), allowed)

    def _untouched(self, connection: Connection, table: Table, taken: Fingerprint) -> bool:
        """True when no row was written since. Only a superuser changes a row without a new version."""
        return not self.since or content.untouched(connection, table, taken.rows, self.since)

    def _changed_rows(self, after: Connection, was: Table, taken: Fingerprint, table: Table) -> list[Finding]:
        if not table.columns:
            return []
        new = content.fingerprint(after, table)
        if table == was and new == taken:
            return []
        with content.exact(self.copy) as before:
            if content.fingerprint(before, table) == new and self._untouched(before, was, taken):
                return []
            # The sums differ: report at least one row, even if the search finds none.
            least = Finding(Kind.ROWS_CHANGED, was.name, after=Rows(1, at_least=True))
            return content.difference(before, after, table) or [least]
