"""What of a snapshot is not in the rehearsal: by its kind and the name it has there, never by a text of the server's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from steps.support.errors import SnapshotError

_NAME = r'(?:[\w$]+|"(?:[^"]|"")+")(?:\.(?:[\w$]+|"(?:[^"]|"")+"))?'
_ABOUT = re.compile(
    rf"(?P<verb>CREATE|ALTER|COPY|COMMENT ON|INSERT INTO|REFRESH)(?: OR REPLACE| UNIQUE| CONSTRAINT(?= TRIGGER)| UNLOGGED)*"
    rf" ?(?P<kind>(?:[A-Z]+ ){{0,3}}?)(?:IF NOT EXISTS |ONLY )?(?P<name>{_NAME})(?P<rest>.*)", re.S
)  # fmt: skip
# Nothing that a copy lacks: there already, or a server's and no database's.
_NO_NEWS = re.compile(
    r"SET |SELECT pg_catalog.set_config|CREATE SCHEMA|COMMENT ON (EXTENSION|SCHEMA|DATABASE)|GRANT|REVOKE"
    r"|ALTER .* OWNER TO|ALTER DEFAULT PRIVILEGES|(CREATE|ALTER|DROP) (DATABASE|ROLE|USER|TABLESPACE|SYSTEM)\b"
    r"|(CREATE|ALTER|COMMENT ON) (PUBLICATION|SUBSCRIPTION)|ALTER EVENT TRIGGER|(BEGIN|START|COMMIT|END)\b"
)
# Neither hides a row from its owner nor hinders an ALTER TABLE, and says who may be asked for: roles that are not here.
_PERMISSIONS = ("POLICY", "EVENT TRIGGER", "EXTENSION")
# The words are Postgres's, in a session that speaks English, or a SQLSTATE: what is around them may quote a row.
_REASONS = (
    (re.compile(r"does not exist|^(42704|42P01|3F000|42883|42703)$"), "nombra algo que acá no existe"),
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
        return self.kind not in _PERMISSIONS and re.search(rf"(?<![\w$]){re.escape(table)}(?![\w$])", self.words) is not None


def left_out(failed: Iterable[tuple[str, str]]) -> list[LeftOut]:
    """Those of statements that failed, each with what the server said, that a copy lacks."""
    found = {}
    for statement, said in failed:
        words = statement.strip()
        if "No space left on device" in said or said.startswith("53"):
            raise SnapshotError("The server has no room left to restore the snapshot. Make room there, or use another.")
        if _NO_NEWS.match(words) or "already exists" in said or said.startswith("42P0"[:4] + "6"):
            continue
        about = _ABOUT.match(words)
        kind, name = (_kind(about["verb"], about["kind"]), about["name"]) if about else ("sentencia", "")
        if about and (on := re.match(rf" ON (?:ONLY )?({_NAME})", about["rest"])):
            name = f"{name} ON {on[1]}"
        if about and (added := re.search(rf"ADD CONSTRAINT ({_NAME})", about["rest"])):
            kind, name = "CONSTRAINT", f"{added[1]} ON {name}"
        why = next((spanish for words, spanish in _REASONS if words.search(said)), "falló")
        found.setdefault((kind, name), LeftOut(kind, name, why, words))
    return list(found.values())


def _kind(verb: str, kind: str) -> str:
    return {"COPY": "filas de", "INSERT INTO": "filas de"}.get(verb, kind.strip() or verb)
