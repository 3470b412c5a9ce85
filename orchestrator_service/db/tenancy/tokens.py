"""SQL as a compiler writes it, cut into words and nested where it has parentheses.

What such SQL never holds (comments, a second statement, dollar quotes) is refused rather than understood.
"""

import re
from typing import Union

from sqlalchemy.sql.compiler import SQLCompiler

from orchestrator_service.db.tenancy.errors import RefusedStatementError

_TOKEN = re.compile(
    r"""\s+
    | (?P<strange>--|/\*|;|\$[A-Za-z_]*\$|[A-Za-z]&?'|"\W+")
    | (?P<bind>%\((?P<named>[^)]+)\)s | \$(?P<number>\d+) | __\[POSTCOMPILE_[^\]]+\])
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<text>'(?:[^']|'')*')
    | (?P<word>[^\W\d][\w$]*)
    | (?P<other>\d[\w.]*|[()\[\],.]|::|[-+*/<>=~!@#^&|?:%]+)""",
    re.VERBOSE,
)
_KEYWORDS = frozenset([
    "AND", "AS", "BETWEEN", "CASE", "CONFLICT", "CROSS", "DELETE", "DISTINCT", "DO", "END", "EXCEPT", "FETCH",
    "FOR", "FROM", "FULL", "GROUP", "HAVING", "INNER", "INSERT", "INTERSECT", "INTO", "JOIN", "LATERAL", "LEFT",
    "LIMIT", "NATURAL", "NOT", "OFFSET", "ON", "ONLY", "OR", "ORDER", "OUTER", "RETURNING", "RIGHT", "SELECT",
    "SET", "TABLE", "TABLESAMPLE", "UNION", "UPDATE", "USING", "VALUES", "WHERE", "WINDOW", "WITH",
])  # fmt: skip


class Keyword(str):
    """A word with a meaning of its own, in capitals; an identifier of the same letters is no Keyword."""

    __slots__ = ()


class Bind(str):
    """The place of a bound value: the value's name."""

    __slots__ = ()


_OPENING, _CLOSING = ("(", "CASE"), (")", "END")
Group = list[Union[str, "Group"]]
UNFOLLOWED = (
    "A fragment of SQL text in this statement cannot be followed, so it cannot be kept to one clinic. "
    "Say it with SQLAlchemy's expressions."
)


def tree(compiled: SQLCompiler) -> Group:
    """The statement's words in order; what stands in parentheses, or from CASE to END, is a list within.

    Raises RefusedStatementError for SQL no compiler makes.
    """
    # asyncpg's $1, $2 … count the values but for those written in only when their number is known, as in IN.
    late = compiled.post_compile_params | compiled.literal_execute_params
    positions = [name for name in compiled.positiontup or [] if compiled.binds[name] not in late]
    open_groups: list[Group] = [[]]
    end = 0
    for found in _TOKEN.finditer(compiled.string):
        if found.start() != end or found["strange"]:
            break
        end = found.end()
        token = _token(found, open_groups[-1], positions)
        if token in _OPENING:
            inner: Group = [] if found["other"] else [token]
            open_groups[-1].append(inner)
            open_groups.append(inner)
        elif token in _CLOSING and len(open_groups) > 1:
            open_groups.pop()
        elif token:
            open_groups[-1].append(token)
    if end != len(compiled.string) or len(open_groups) != 1 or ")" in open_groups[0]:
        raise RefusedStatementError(UNFOLLOWED)
    return open_groups[0]


def _token(found: re.Match[str], before: Group, positions: list[str]) -> str:
    if found["bind"]:
        return Bind(positions[int(found["number"]) - 1] if found["number"] else found["named"] or "")
    if found["quoted"]:
        return found["quoted"][1:-1].replace('""', '"')
    word = found["word"] or ""
    # After a dot or AS a word is a name, whatever it spells; Postgres folds names without quotes.
    if word.upper() in _KEYWORDS and before[-1:] not in (["."], ["AS"]):
        return Keyword(word.upper())
    return word.lower() or found["text"] or found["other"] or ""
