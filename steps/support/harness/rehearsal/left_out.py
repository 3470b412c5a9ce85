"""What of a snapshot is not in the rehearsal, by the names it has there: never by a text that may quote a row."""

import re
from collections import Counter
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import errorcodes

_TABLE = re.compile(r"CREATE (?:UNLOGGED |FOREIGN )?TABLE (?:ONLY )?(\S+)")
_EXTENSION = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)"?')
_QUOTED = re.compile(r'["«]([^"»]+)["»]')  # the name an error is about, in English or in Spanish
_KIND = re.compile(r"[A-Z]+(?: [A-Z]+){0,2}\b")
_OF_ROLES = re.compile(r"GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|ALTER .* OWNER TO |CREATE POLICY|SET ")
# There whatever the dump says, or nobody's business in a copy: a subscription would reach for another server.
_NO_NEWS = re.compile(
    r"SET |CREATE SCHEMA public;|(CREATE|DROP|ALTER) (DATABASE|ROLE|USER|TABLESPACE|SYSTEM)\b"
    r"|COMMENT ON (EXTENSION|SCHEMA|DATABASE)\b",
    re.I,
)


@dataclass
class LeftOut:
    """By name; `kinds` counts the other statements that failed, such as 'CREATE COLLATION (0A000)'."""

    roles: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    forbidden: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    _words: list[str] = field(default_factory=list)

    def rows(self, table: str) -> None:
        """The rows of a table could not be loaded."""
        self.tables.add(table)

    def statement(self, words: str, error: psycopg2.Error) -> None:
        """A statement failed."""
        code = error.pgcode or "?????"
        kind = found[0] if (found := _KIND.match(words)) else "?"
        if _OF_ROLES.match(words):
            name = _QUOTED.search(str(error))
            self.roles |= {name[1]} if name and code == errorcodes.UNDEFINED_OBJECT else set()
        elif extension := _EXTENSION.match(words):
            self.extensions.add(extension[1])
        elif _NO_NEWS.match(words) or any(_mentions(words, table) for table in self.tables):
            return
        elif table := _TABLE.match(words):
            self.tables.add(table[1])
            self._words.append(words)
        else:
            self._words.append(words)
            if code == errorcodes.INSUFFICIENT_PRIVILEGE:
                self.forbidden[kind] += 1
            else:
                self.kinds[f"{kind} ({code})"] += 1

    def touching(self, table: str) -> str:
        """What failed that is about a table, or fires whatever the table: kinds of statements, '' of none."""
        found = Counter(
            kind[0]
            for words in self._words
            if (kind := _KIND.match(words)) and (_mentions(words, table) or words.startswith("CREATE EVENT TRIGGER"))
        )
        return _counted(found)

    def lines(self) -> list[str]:
        """A line for each kind, in Spanish."""
        roles = ", ".join(sorted(self.roles))
        return [f"roles que no existen aquí (sus permisos y políticas): {roles}"] * bool(roles) + self.unrehearsed()

    def unrehearsed(self) -> list[str]:
        """The same, of what is more than permissions."""
        kinds = (
            ("extensiones que no están instaladas aquí", ", ".join(sorted(self.extensions))),
            ("tablas que no se pudieron restaurar", ", ".join(sorted(self.tables))),
            ("lo que pide más permisos que los del dueño de una base de datos", _counted(self.forbidden)),
            ("otras sentencias, con su SQLSTATE", _counted(self.kinds)),
        )
        return [f"{kind}: {names}" for kind, names in kinds if names]


def _mentions(words: str, table: str) -> bool:
    """Whether a statement names a table, and not merely one whose name begins or ends as its does."""
    return re.search(rf"(?<![\w$.]){re.escape(table)}(?![\w$])", words.replace('"', "")) is not None or (
        "." not in table and re.search(rf"\.{re.escape(table)}(?![\w$])", words.replace('"', "")) is not None
    )


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
