"""The proof, from the SQL itself, that a statement is kept to one clinic.

`with_loader_criteria` filters what the ORM compiles from mapped classes, and does not reach everything: a
FULL JOIN, the second table of an UPDATE, Core on the mapped table, a text fragment with an OR. So whatever
made the SQL, every tenant-owned table in it must stand under a condition `name.tenant_id = <bound value>`
that no row of it escapes: in WHERE, or in the ON of the join that brings it in.
"""

from dataclasses import dataclass, field

from sqlalchemy.sql.compiler import SQLCompiler

from orchestrator_service.db.tenancy.clauses import (
    bound_column,
    clauses,
    conjuncts,
    is_keyword,
    is_query,
    joins,
    queries,
)
from orchestrator_service.db.tenancy.marker import TENANT_ID, owned_tables
from orchestrator_service.db.tenancy.tokens import Group, tree

_NO_NAME = frozenset(["TABLESAMPLE", "AS", "ON", "SET", "WHERE"])


@dataclass
class Query:
    """One SELECT, INSERT, UPDATE or DELETE: the tenant-owned tables in it and the values that confine them."""

    tables: dict[str, str] = field(default_factory=dict)  # by the name each goes by here
    confined: dict[str, list[str]] = field(default_factory=dict)  # names of the bound values, by the same name
    inserted: str = ""
    problems: list[str] = field(default_factory=list)


def read(compiled: SQLCompiler) -> list[Query]:
    """The statement's queries that touch a tenant-owned table; raises RefusedStatementError for odd SQL."""
    found = [_query(part) for part in queries(tree(compiled))]
    return [query for query in found if query.tables or query.inserted]


def _query(part: Group) -> Query:
    query = Query()
    target: Group = []
    for word, body in clauses(part):
        match word:
            case "FROM" | "USING" | "UPDATE" | "TABLE":
                _from(query, body)
            case "WHERE":
                _confine(query, body)
            case "INTO":
                query.inserted = _table(body)[0]
            case "CONFLICT":
                target = body
            case "DO" if any(is_keyword(token, "UPDATE") for token in body) and not _names_tenant(target):
                query.problems.append("ON CONFLICT … DO UPDATE without tenant_id in index_elements")
            case "SET" if any(_names_tenant(assigned[:1]) for _, assigned, _ in joins(body)):
                query.problems.append("tenant_id may not be changed")
    return query


def _from(query: Query, body: Group) -> set[str]:
    """Note the tables of a FROM and what its ONs confine; returns the names they go by."""
    everything: set[str] = set()
    for words, member, condition in joins(body):
        names = set()
        if member and isinstance(member[0], list):
            names = set() if is_query(member[0]) else _from(query, member[0])
        else:
            table, name = _table(member)
            if table:
                query.tables[name] = table
                names = {name}
        everything |= names
        if words & {"FULL", "RIGHT", "NATURAL"}:
            query.problems.append("a FULL JOIN gives back the rows its conditions leave out")
        # The rows before a LEFT JOIN stay whatever its ON says.
        _confine(query, condition, names if "LEFT" in words else None)
    return everything


def _confine(query: Query, condition: Group, only: set[str] | None = None) -> None:
    for term in conjuncts(condition):
        found = bound_column(term, TENANT_ID)
        if found and (only is None or found[0] in only):
            query.confined.setdefault(found[0], []).append(found[1])
        elif len(term) == 1 and isinstance(term[0], list) and not is_query(term[0]) and term[0][:1] != ["CASE"]:
            _confine(query, term[0], only)


def _table(member: Group) -> tuple[str, str]:
    """A FROM member's tenant-owned table and the name it goes by; two empty texts when it is none."""
    words = [token for token in member if not is_keyword(token, frozenset(["ONLY", "LATERAL"]))]
    if words[1:2] == ["."]:
        words = words[2:]
    if not words or not isinstance(words[0], str) or words[0] not in owned_tables():
        return "", ""
    rest = [token for token in words[1:3] if isinstance(token, str) and not is_keyword(token, _NO_NAME)]
    return words[0], rest[0] if rest else words[0]


def _names_tenant(words: Group) -> bool:
    return any(_names_tenant(word) if isinstance(word, list) else word == TENANT_ID for word in words)
