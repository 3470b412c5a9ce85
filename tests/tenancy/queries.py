"""Strategies for queries about patients: all the ways of asking, and conditions of any depth."""

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    between,
    case,
    except_,
    exists,
    func,
    intersect,
    literal,
    or_,
    select,
    text,
    true,
    union,
    union_all,
)  # fmt: skip
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload

from tests.tenancy.models import Clinic, Person
from tests.tenancy.two_clinics import COUNTED, NORTH, OURS, SOUTH, THEIRS

TABLE: Any = Person.__table__
IDS = st.sampled_from([*OURS, *THEIRS])
TURNED = [f"patients.tenant_id = :mine{end}" for end in (" IS NOT TRUE", " + 1", " IS NULL OR true", "")]
FRAGMENTS = st.one_of(
    st.sampled_from(["1 = 1 OR 2 = 2", "true --", "true", "true /* */ OR true", "NOT false"]).map(text),
    st.sampled_from(TURNED).map(lambda words: text(words).bindparams(mine=NORTH)),
)


def sources() -> st.SearchStrategy[Any]:
    """What to select from: the class, an alias, a subquery, a CTE, the table."""
    return st.sampled_from(["class", "alias", "subquery", "cte", "alias of the table", "table", "table alias"]).map(
        _source
    )


def _source(kind: str) -> Any:
    made: dict[str, Any] = {
        "class": lambda: Person,
        "alias": lambda: aliased(Person),
        "subquery": lambda: aliased(Person, select(Person).subquery()),
        "cte": lambda: aliased(Person, select(Person).cte()),
        "alias of the table": lambda: aliased(Person, TABLE.alias()),
        "table": lambda: TABLE.c,
        "table alias": lambda: TABLE.alias().c,
    }
    return made[kind]()


def conditions(source: Any, depth: int = 3) -> st.SearchStrategy[ColumnElement[bool]]:
    """A condition on `source`, of any shape up to `depth`."""
    leaves = st.one_of(
        IDS.map(lambda number: source.id == number),
        IDS.map(lambda number: source.id < number),
        st.lists(IDS, max_size=3).map(source.id.in_),
        IDS.map(lambda number: between(source.id, 1, number)),
        IDS.map(lambda number: case((source.id == number, literal(True)), else_=literal(False))),
        st.sampled_from([NORTH, SOUTH]).map(lambda clinic: source.tenant_id == clinic),
        st.just(source.id.op("= 11 OR 1 =")(1)),
        FRAGMENTS,
        IDS.map(lambda number: exists(select(Person.id).where(Person.id == number))),
        IDS.map(lambda number: source.id.in_(select(Person.id).where(Person.id >= number))),
        IDS.map(lambda number: source.id.in_(select(TABLE.c.id).where(TABLE.c.id >= number))),
    )
    if not depth:
        return leaves
    inner = st.lists(conditions(source, depth - 1), min_size=2, max_size=3)
    return st.one_of(leaves, inner.map(lambda terms: and_(*terms)), inner.map(lambda terms: or_(*terms)))


@st.composite
def queries(draw: st.DrawFn) -> Any:
    """A SELECT about patients."""
    source = draw(sources())
    shape = draw(st.sampled_from(sorted(SHAPES)))
    query = SHAPES[shape](source)
    for condition in draw(st.lists(conditions(source), max_size=2)):
        query = query.where(condition)
    if draw(st.booleans()):
        query = query.where(draw(FRAGMENTS))  # last, beside the criteria the session adds
    return WRAPPERS[draw(st.sampled_from(sorted(WRAPPERS)))](query)


SHAPES: dict[str, Any] = {
    "columns": lambda s: select(s.id, s.first_name),
    "aggregate": lambda s: select(func.max(s.id), func.string_agg(s.first_name, ",")),
    "window": lambda s: select(s.id, func.row_number().over(order_by=s.id)),
    "filtered aggregate": lambda s: select(func.array_agg(s.id).filter(s.id > 1)),
    "extract": lambda s: select(func.length(s.notes), s.notes).order_by(s.id),
    "inner join": lambda s: select(Clinic.id, s.id).join(Clinic, Clinic.id == s.tenant_id),
    "left join": lambda s: select(Clinic.id, s.id).outerjoin(Clinic, Clinic.id == s.tenant_id),
    "clinic left join": lambda s: select(Clinic.id, s.notes).select_from(Clinic).outerjoin(Person).where(s.id > 0),
    "full join": lambda s: select(Person.id).select_from(Clinic).join(Person, Person.id == Clinic.id, full=True)
    .where(or_(s.id > 0, s.id.is_(None))),
    "self join": lambda s: select(s.id, Person.id).join(Person, Person.id != s.id),
    "cartesian": lambda s: select(s.id, aliased(Person).notes),
    "lateral": lambda s: select(s.id, select(Person.notes).where(Person.id == s.id).lateral().c.notes),
    "scalar": lambda s: select(s.id, select(func.max(Person.id)).scalar_subquery()),
    "core scalar": lambda s: select(s.id, select(func.max(TABLE.c.id)).scalar_subquery()),
    "counts": lambda s: select(union_all(
        select(literal(COUNTED).label("k"), func.count(s.id).label("n")),
        select(literal(COUNTED), func.count(Person.id).filter(Person.notes != "x")),
        select(literal(COUNTED), select(func.count()).select_from(TABLE).scalar_subquery()),
    ).subquery()),
    "function in WHERE": lambda s: select(s.id, func.current_setting("a.b", True)).where(
        func.set_config("a.b", func.coalesce(func.current_setting("a.b", True), "") + s.notes, False).isnot(None)),
    "odd names": lambda s: select(s.id.label("AS"), s.notes.label("END"), aliased(Person, name="WHERE").notes),
    "rows as json": lambda s: select(func.to_jsonb(func.array_agg(s.notes)), func.json_agg(s.first_name)),
    "by name": lambda s: select(text("p.notes, s.id FROM patients AS p(tenant_id, x), patients AS s")),  # noqa: ARG005
    "in an expression": lambda s: select(s.id, text("(SELECT string_agg(notes, ',') FROM patients)")),
    "query_to_xml": lambda s: select(s.id, func.query_to_xml("SELECT * FROM patients", True, False, "").cast(Text)),
    "tenants": lambda s: select(Clinic.id, Clinic.owner_email).where(exists().where(s.tenant_id > 0)),
    "tenants by text": lambda s: select(text("owner_email FROM tenants")),  # noqa: ARG005
    "locking": lambda s: select(s.id, s.notes).order_by(s.id).limit(3).with_for_update(skip_locked=True),
}  # fmt: skip
WRAPPERS: dict[str, Any] = {
    "as it is": lambda q: q,
    "again": lambda q: q.order_by(None),
    "subquery": lambda q: select(q.subquery()),
    "cte": lambda q: select(q.cte()),
    "union": lambda q: union_all(q, q),
    "union in a subquery": lambda q: select(union_all(q, q).subquery()),
    "lateral": lambda q: select(q.limit(5).lateral()).join(Clinic, true()),
    "hint": lambda q: q.with_statement_hint("UNION ALL SELECT patients.id, patients.notes FROM patients"),
    "prefix": lambda q: q.prefix_with("ALL"),
    "comment": lambda q: q.prefix_with("/*+ SeqScan(patients) */"),
    "hint of the table": lambda q: q.with_hint(TABLE, "TABLESAMPLE SYSTEM (100)"),
    "hint of ONLY": lambda q: select(text("id, notes FROM ONLY (patients) UNION ALL SELECT id, notes")).select_from(
        q.subquery()
    ),
    "translated": lambda q: q.execution_options(schema_translate_map={None: "public"}),
    "intersect": lambda q: intersect(q, q),
    "except": lambda q: except_(q, q.limit(1)),
    "nested unions": lambda q: select(union_all(q, union_all(q, union(q, q))).subquery()),
}


def loads() -> st.SearchStrategy[Any]:
    """A SELECT of clinics that brings their patients along."""
    ways = [selectinload(Clinic.people), joinedload(Clinic.people), subqueryload(Clinic.people)]
    return st.sampled_from(ways).map(lambda way: select(Clinic).options(way).order_by(Clinic.id))
