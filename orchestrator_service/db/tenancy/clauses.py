"""A query's words, by clause, join and condition."""

from collections.abc import Iterator

from orchestrator_service.db.tenancy.tokens import Bind, Group, Keyword

_CLAUSES = frozenset([
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "WINDOW", "LIMIT", "OFFSET", "FETCH", "FOR",
    "RETURNING", "VALUES", "SET", "INTO", "CONFLICT", "DO", "UPDATE", "USING", "INSERT", "DELETE", "TABLE",
])  # fmt: skip
_SET_OPERATIONS = frozenset(["UNION", "INTERSECT", "EXCEPT"])
_JOIN_WORDS = frozenset(["LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "JOIN"])
_COMMA = (",",)
_QUERY_WORDS = frozenset(["SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "TABLE"])


def is_keyword(token: object, words: frozenset[str] | str) -> bool:
    """Whether a token is one of some keywords, and not an identifier spelled like one."""
    return isinstance(token, Keyword) and (token == words if isinstance(words, str) else token in words)


def is_query(group: Group) -> bool:
    """Whether what stands in parentheses is a query, not an expression or a join."""
    return bool(group) and is_keyword(group[0], _QUERY_WORDS)


def queries(group: Group, *, outermost: bool = True) -> Iterator[Group]:
    """Every query in a statement, nested ones too, each member of a UNION by itself."""
    part: Group = []
    for token in group:
        if isinstance(token, list):
            yield from queries(token, outermost=False)
        if is_keyword(token, _SET_OPERATIONS):
            yield part
            part = []
        else:
            part.append(token)
    if outermost or is_query(part):
        yield part


def clauses(query: Group) -> Iterator[tuple[str, Group]]:
    """The query's clauses in order: the word each begins with, and the rest of it."""
    clause, body = "", Group()
    before: object = None
    for token in query:
        if is_keyword(token, _CLAUSES) and not _is_part_of(clause, before, str(token)):
            yield clause, body
            clause, body = str(token), []
        else:
            body.append(token)
        before = token
    yield clause, body


def _is_part_of(clause: str, before: object, word: str) -> bool:
    """IS DISTINCT FROM, FOR UPDATE, ON CONFLICT … DO UPDATE: words that begin no clause where they stand."""
    return (word == "FROM" and before == "DISTINCT") or (word == "UPDATE" and clause in ("FOR", "DO"))


def joins(body: Group) -> Iterator[tuple[frozenset[str], Group, Group]]:
    """The members of a FROM: the words that join each to those before, what it is, and its ON."""
    words: list[str] = []
    member, condition = Group(), Group()
    target = member
    for token in body:
        if token in _COMMA or is_keyword(token, _JOIN_WORDS):
            if member:
                yield frozenset(words), member, condition
                words, member, condition = [], [], []
            target = member
            words += [str(token)]
        elif is_keyword(token, "ON"):
            target = condition
        else:
            target.append(token)
    yield frozenset(words), member, condition


def conjuncts(condition: Group) -> Iterator[Group]:
    """The terms that must all hold; none where an OR stands beside them."""
    if any(is_keyword(token, "OR") for token in condition):
        return
    term, between = Group(), False
    for token in condition:
        if is_keyword(token, "AND") and not between:
            yield term
            term = []
            continue
        between = is_keyword(token, "BETWEEN") or (between and not is_keyword(token, "AND"))
        term.append(token)
    yield term


def bound_column(term: Group, column: str) -> tuple[str, Bind] | None:
    """The table's name and the value's, where the term is `table.column = value`, with or without a cast."""
    match term:
        case [str(name), ".", found, "=", Bind() as bind, *cast] if found == column:
            # Nothing may follow but a cast: `= value IS NOT TRUE` would turn the condition around.
            return (name, bind) if not cast or (cast[0] == "::" and len(cast) == 2) else None
    return None
