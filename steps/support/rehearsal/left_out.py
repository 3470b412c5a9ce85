"""What of a snapshot is not in the rehearsal: by its kind and name, never by what the server said of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from steps.support.errors import SnapshotError

_NAME = r'(?:[\w$]+|"(?:[^"]|"")+")(?:\.(?:[\w$]+|"(?:[^"]|"")+"))?'
# A dump writes its words in capitals and names that are none in quotes.
_ABOUT = re.compile(
    rf"(CREATE|ALTER|COPY|INSERT INTO|COMMENT ON|REFRESH) ((?:[A-Z]+ )*)({_NAME})(?: ON (?:ONLY )?({_NAME}))?"
)
_ADDED = re.compile(rf"ADD CONSTRAINT ({_NAME})")
# Nothing that a copy lacks: there already, or a server's and no database's.
_NO_NEWS = re.compile(
    r"SET |SELECT pg_catalog.set_config|CREATE SCHEMA|COMMENT ON (EXTENSION|SCHEMA|DATABASE)|GRANT|REVOKE"
    r"|ALTER .* OWNER TO|ALTER DEFAULT PRIVILEGES|(CREATE|ALTER|DROP) (DATABASE|ROLE|USER|TABLESPACE|SYSTEM)\b"
    r"|(CREATE|ALTER|COMMENT ON) (PUBLICATION|SUBSCRIPTION)|ALTER EVENT TRIGGER|(BEGIN|START|COMMIT|END)\b"
)
# Neither hides a row from its owner nor hinders an ALTER TABLE, and says who may be asked for: roles that are not here.
ROWS = "filas de"
_PERMISSIONS = ("POLICY", "EVENT TRIGGER", "EXTENSION")
# The words are Postgres's, in a session that speaks English, or a SQLSTATE: what is around them may quote a row.
_REASONS = (
    (re.compile(r"does not exist|^(42704|42P01|3F000|42883|42703)$"), "nombra algo que acá no existe"),
    (re.compile(r"violates foreign key|^23503$"), "nombra filas que todavía no están"),
    (re.compile(r"permission denied|must be |^42501$"), "pide más permisos que los del dueño de la base"),
    (re.compile(r"is not available|could not open extension|could not access file|^(0A000|58P01)$"),
     "este servidor no lo tiene"),
)  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """One thing that could not be restored; `words` is the statement that failed, and never shown."""

    kind: str
    name: str
    why: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.why})"

    def concerns(self, table: str) -> bool:
        """Whether the migration of a table is not rehearsed whole without it."""
        named = re.search(rf"(?<![\w$]){re.escape(table)}(?![\w$])", self.words)
        return self.kind not in _PERMISSIONS and bool(named)


def left_out(failed: Iterable[tuple[str, str]]) -> list[LeftOut]:
    """Those of statements that failed, each with what the server said, that a copy lacks."""
    found: dict[tuple[str, str], LeftOut] = {}
    for statement, said in failed:
        words = statement.strip()
        if "No space left on device" in said or said.startswith("53"):
            raise SnapshotError("The server has no room left to restore the snapshot. Make room there, or use another.")
        if _NO_NEWS.match(words) or "already exists" in said or said in ("42P06", "42710"):
            continue
        kind, name = _about(words)
        why = next((spanish for words, spanish in _REASONS if words.search(said)), "falló")
        found.setdefault((kind, name), LeftOut(kind, name, why, words))
    return list(found.values())


def _about(words: str) -> tuple[str, str]:
    """The kind and the name of what a statement is about."""
    about = _ABOUT.match(words)
    if not about:
        return "sentencia", ""
    verb, kind, name, on = about.groups()
    if verb in ("COPY", "INSERT INTO"):
        return ROWS, name
    if added := _ADDED.search(words):
        return "CONSTRAINT", f"{added[1]} ON {name}"
    kind = re.sub(r"OR REPLACE |UNIQUE |IF NOT EXISTS |ONLY ", "", kind).strip()
    return kind or verb, f"{name} ON {on}" if on else name
