"""Evidence of one database at one moment, and what became of it since."""

from collections.abc import Iterable
from dataclasses import dataclass

from steps.support.databases.database import Database
from steps.support.evidence import content, structure
from steps.support.evidence.content import SHOWN, Contents, Table
from steps.support.evidence.structure import Facts

SEARCHED_ROWS = 20_000


@dataclass(frozen=True)
class Evidence:
    """What a database held and how it was made, with a copy of it to look a difference up in."""

    copy: Database
    contents: Contents
    structure: Facts

    @classmethod
    def take(cls, database: Database, copy: Database) -> "Evidence":
        """Evidence of `database` now; `copy` is its clone, which nobody writes to."""
        return cls(copy, content.contents(database), structure.facts(database))

    def lost_content(self, database: Database) -> list[str]:
        """What changed in any column that existed, of any row of any table: a line each, in Spanish."""
        with database.connect() as connection:
            now = {table.name: table for table in content.tables(connection)}
        lines: list[str] = []
        for table in self.contents:
            if table.name not in now:
                lines.append(f"{table.name}: la tabla ya no existe")
                continue
            gone = [column for column in table.columns if column not in now[table.name].columns]
            lines += [f"{table.name}: la columna {column} ya no existe" for column in gone]
            lines += self._changed_rows(database, table, [c for c in table.columns if c not in gone])
        return lines

    def changed_structure(self, database: Database, allowing: Iterable[str] = ()) -> list[str]:
        """What changed in how the tables are made, but for the columns of patients named in `allowing`."""
        expected = {(kind, f"patients.{name}") for name in allowing for kind in ("column", "physical column")}
        return structure.differences(self.structure, structure.facts(database), ignoring=expected)

    def _changed_rows(self, database: Database, was: Table, columns: list[str]) -> list[str]:
        table = Table(was.name, tuple(columns), tuple(c for c in was.key if c in columns) or tuple(columns))
        with content.exact(self.copy) as before, content.exact(database) as after:
            old = self.contents[was] if table == was else content.buckets(before, table)
            new = content.buckets(after, table)
            buckets = content.differing(old, new)
            searched = content.affordable(buckets, old, new, SEARCHED_ROWS)
            old_rows = content.rows_of(before, table, searched)
            new_rows = content.rows_of(after, table, searched)
        more = " (al menos)" if len(buckets) > len(searched) else ""
        missing = [key for key in old_rows if key not in new_rows]
        added = [key for key in new_rows if key not in old_rows]
        changed = {
            key: [name for name, a, b in zip(columns, row, new_rows[key], strict=True) if a != b]
            for key, row in old_rows.items()
            if key in new_rows and row != new_rows[key]
        }
        lines = []
        if missing:
            lines.append(f"{was.name}: faltan {len(missing)} filas{more}: id {_some(missing)}")
        if added:
            lines.append(f"{was.name}: sobran {len(added)} filas{more}: id {_some(added)}")
        if changed:
            rows = _some([f"{key} ({', '.join(names)})" for key, names in changed.items()])
            lines.append(f"{was.name}: cambiaron {len(changed)} filas{more}: id {rows}")
        return lines


def _some(keys: list[str]) -> str:
    ordered = sorted(keys, key=lambda key: (len(key.split(" ")[0]), key))
    return ", ".join(ordered[:SHOWN]) + (", …" if len(ordered) > SHOWN else "")
