"""Evidence of one database at one moment, and what became of it since."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from steps.support.discretion import hashed
from steps.support.evidence import content, difference, structure
from steps.support.evidence.content import Contents, Fingerprint
from steps.support.evidence.structure import Facts
from steps.support.evidence.tables import Table, tables
from steps.support.postgres.database import Database
from steps.support.subject import Subject, Tenant


@dataclass(frozen=True)
class Evidence:
    """What a database held and how it was made, with a copy of it to look a difference up in.

    `known`, of real data, are the names that may be shown: those that were there before any script. `reactions` are the
    tables and sequences that event triggers of the data's own write to when they are migrated: what comes there is no
    script's doing.
    """

    copy: Database
    contents: Contents
    structure: Facts
    tenant: Tenant | None = None  # whose rows are, where a table has its column
    known: frozenset[str] | None = None
    reactions: set[str] = field(default_factory=set)
    after: Contents = field(default_factory=dict)  # what was found since, of the tables that were compared

    @classmethod
    def take(
        cls,
        database: Database,
        copy: Database,
        tenant: Tenant | None = None,
        first: "Evidence | None" = None,
    ) -> "Evidence":
        """Evidence of `database` now; `copy` is its clone, which nobody writes to.

        What is known and what reacts is as in the `first` evidence of these data; without it this is the first.
        """
        facts = structure.facts(database)
        names = frozenset(name for _, name in facts) if database.real else None
        known, reactions = (first.known, first.reactions) if first else (names, set())
        return cls(copy, content.contents(database, tenant), facts, tenant, known, reactions)

    def shown(self, name: str) -> str:
        """A name as it may be shown."""
        return name if self.known is None or name in self.known else hashed(name)

    def lost_content(self, database: Database) -> list[str]:
        """What changed in any column that existed, of any row of any table: a line each, in Spanish."""
        lines: list[str] = []
        with content.exact(database) as after:
            now = {table.name: table for table in tables(after, self.tenant)}
            for was, taken in self.contents.items():
                if was.name not in now:
                    lines.append(f"{self.shown(was.name)}: la tabla ya no existe")
                    continue
                gone = set(was.columns) - set(now[was.name].columns)
                lines += [
                    f"{self.shown(was.name)}: la columna {self._column(was, column)} ya no existe"
                    for column in was.columns
                    if column in gone
                ]
                lines += self._changed_rows(after, was, taken, was.reduced(gone, now[was.name]))
        return lines

    def changed_structure(self, database: Database, allowing: Subject | None = None) -> list[str]:
        """What changed in how the tables are made, but for what the migration `allowing` it adds.

        What a migration may do is stated here, once: its columns may come, or change, in its table and in the
        partitions and children of it, which get what their parent gets; and so may its facts.
        """
        family = structure.family(self.structure, allowing.table) if allowing else []
        names = [f"{table}.{name}" for table in family for name in (allowing.columns if allowing else ())]
        expected = {(kind, name) for name in names for kind in ("column", "physical column")}
        expected |= {(fact.kind, fact.name) for fact in (allowing.facts if allowing else ())}
        expected |= {("physical sequence", name) for name in self.reactions}
        shown = None if self.known is None else self.shown
        return structure.differences(self.structure, structure.facts(database), ignoring=expected, shown=shown)

    def _column(self, table: Table, column: str) -> str:
        return column if self.shown(f"{table.name}.{column}") == f"{table.name}.{column}" else hashed(column)

    def _changed_rows(self, after: Connection, was: Table, taken: Fingerprint, table: Table) -> list[str]:
        if not table.columns:
            return []
        new = content.fingerprint(after, table)
        self.after[was] = taken
        same_table = table == was
        if same_table and new == taken:
            return []
        with content.exact(self.copy) as before:
            if not same_table and content.fingerprint(before, table) == new:
                return []
            found = difference.find(before, after, table, lambda column: self._column(was, column))
            if was.name in self.reactions and found.only_adds(new.rows - taken.rows):
                return []
            self.after[was] = new
            shown = self.shown(was.name)
            lines = found.lines(shown, taken.rows - new.rows) + difference.tenants(before, after, table, shown)
        # Whatever the search finds or does not, sums that differ are a difference.
        return lines or [f"{self.shown(was.name)}: cambiaron datos, y no se encontró en qué filas"]
