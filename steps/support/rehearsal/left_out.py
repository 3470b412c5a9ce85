"""What of a snapshot is not in the rehearsal, by the names it has there: never by a text that may quote a row."""

import re
from collections import Counter
from dataclasses import dataclass, field

from psycopg2 import errorcodes

from steps.support.discretion import condition

WAY_OUT = "-D postgres=docker has the usual extensions, ICU and XML; so may a running server of yours"
_SALIDA = (
    "para ensayarlo también: un servidor que lo tenga, como -D postgres=docker (la imagen oficial trae ICU, XML y las "
    "extensiones usuales) o uno propio (-D postgres=postgresql://…)"
)
# What a better equipped server may have.
_EQUIPMENT = {errorcodes.FEATURE_NOT_SUPPORTED, errorcodes.UNDEFINED_OBJECT, errorcodes.UNDEFINED_FILE}
MANY = 500
LONGEST = 50_000  # characters of a statement that are looked at; what a longer one is about is not known
_LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.S)
_TABLE = re.compile(r"CREATE (?:UNLOGGED |FOREIGN )?TABLE (?:IF NOT EXISTS )?(\S+)")
_ROWS = re.compile(r"COPY (.+?) (?:\(.*\) )?FROM stdin")
_EXTENSION = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)"?')
_QUOTED = re.compile(r'["«]([^"»]+)["»]')  # the name an error is about, in English or in Spanish
# Of a verb that is SQL's: what is no SQL at all may be a row.
_KIND = re.compile(
    r"(?:CREATE|ALTER|DROP|COMMENT|REFRESH|SECURITY)(?: [A-Z]+){0,2}\b"
    r"|(?:BEGIN|CALL|COMMIT|COPY|DELETE|DO|GRANT|INSERT|LOCK|MERGE|REVOKE|SELECT|SET|TRUNCATE|UPDATE|WITH)\b"
)
# What may be about more tables than one that is not there.
_WIDER = re.compile(
    r"CREATE (?:OR REPLACE )?(?:(?:MATERIALIZED |RECURSIVE )*VIEW|RULE|FUNCTION|PROCEDURE) |.* (?:ATTACH|INHERIT) "
)
_OF_ROLES = re.compile(r"GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|ALTER .* OWNER TO |CREATE POLICY|SET ")
# There whatever the dump says, or nobody's business in a copy: a subscription would reach for another server.
_NO_NEWS = re.compile(
    r"SET |CREATE SCHEMA public;|(CREATE|DROP|ALTER) (DATABASE|ROLE|USER|TABLESPACE|SYSTEM)\b"
    r"|COMMENT ON (EXTENSION|SCHEMA|DATABASE|EVENT TRIGGER)\b|ALTER EVENT TRIGGER .* OWNER TO",
    re.I,
)


@dataclass
class LeftOut:
    """By name; `kinds` counts the other statements that failed, such as 'CREATE COLLATION (0A000 …)'."""

    roles: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    tables: dict[str, str] = field(default_factory=dict)  # those that are not there, or empty, with the SQLSTATE
    rows: dict[str, str] = field(default_factory=dict)  # those of them whose rows could not be loaded
    forbidden: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    _words: list[str] = field(default_factory=list)

    def statement(self, sql: str, code: str, message: str) -> None:
        """A statement failed: its text, the SQLSTATE, and the message, of which but the name of a role is kept."""
        words = " ".join(_LEADING.sub("", sql, count=1).split())[:LONGEST]
        kind = found[0] if (found := _KIND.match(words)) else "?"
        if rows := _ROWS.match(words):
            self.rows.setdefault(rows[1], code)
            self.tables.setdefault(rows[1], code)
        elif _NO_NEWS.match(words) or (not _WIDER.match(words) and any(_mentions(words, one) for one in self.tables)):
            return
        elif _OF_ROLES.match(words) and code in (errorcodes.UNDEFINED_OBJECT, errorcodes.INSUFFICIENT_PRIVILEGE):
            name = _QUOTED.search(message)
            self.roles |= {name[1]} if name and code == errorcodes.UNDEFINED_OBJECT else set()
        elif extension := _EXTENSION.match(words):
            self.extensions.add(extension[1])
        else:
            self._words.append(words)
            if table := _TABLE.match(words):
                self.tables[table[1]] = code
            elif code == errorcodes.INSUFFICIENT_PRIVILEGE:
                self.forbidden[kind] += 1
            else:
                self.kinds[f"{kind} ({_reason(code)})"] += 1

    @property
    def too_much(self) -> bool:
        """Whether so much failed that it is no copy any more, and keeping account of it would take for ever."""
        return len(self.tables) > MANY or len(self._words) > MANY

    def touching(self, table: str) -> str:
        """What failed that may be about a table, or fires whatever the table: kinds of statements, '' of none."""
        found = Counter(
            kind[0]
            for words in self._words
            if (kind := _KIND.match(words))
            and (_mentions(words, table) or "EVENT TRIGGER" in kind[0] or len(words) >= LONGEST)
        )
        return _counted(found)

    def lines(self) -> list[str]:
        """A line for each kind, in Spanish, and the way out where there is one."""
        roles = ", ".join(sorted(self.roles))
        equipped = self.extensions or any(code in _EQUIPMENT for code in self.tables.values())
        equipped = equipped or any(f"({code} " in kind for kind in self.kinds for code in _EQUIPMENT)
        return [
            *[f"roles que no existen aquí (sus permisos y políticas): {roles}"] * bool(roles),
            *self.unrehearsed(),
            *[_SALIDA] * bool(equipped),
        ]

    def unrehearsed(self) -> list[str]:
        """The same, of what is more than permissions."""
        kinds = (
            ("extensiones que no están instaladas aquí", ", ".join(sorted(self.extensions))),
            (
                "tablas que no se pudieron restaurar, con su SQLSTATE",
                ", ".join(f"{table} ({_reason(code)})" for table, code in sorted(self.tables.items())),
            ),
            ("lo que pide más permisos que los del dueño de una base de datos", _counted(self.forbidden)),
            ("otras sentencias, con su SQLSTATE", _counted(self.kinds)),
        )
        return [f"{kind}: {names}" for kind, names in kinds if names]


def _reason(code: str) -> str:
    return f"{code} {condition(code)}"


def _mentions(words: str, table: str) -> bool:
    """Whether a statement names a table, and not merely one whose name begins or ends as its does."""
    words = words.replace('"', "")
    if table not in words:
        return False
    before = r"(?<![\w$])" if "." not in table else r"(?<![\w$.])"
    return re.search(rf"{before}{re.escape(table)}(?![\w$])", words) is not None


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
