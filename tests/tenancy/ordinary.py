# ruff: noqa: E501
"""What a clinic's backend asks all day, and what each must answer: Ana, Bruno, Carla and Dario of one clinic of two."""

import io
import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Sequence,
    String,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    desc,
    distinct,
    except_,
    exists,
    extract,
    false,
    func,
    insert,
    intersect,
    lateral,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH, aggregate_order_by, array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import (
    Bundle,
    Session,
    aliased,
    contains_eager,
    defer,
    joinedload,
    lazyload,
    load_only,
    raiseload,
    selectinload,
    subqueryload,
    undefer_group,
)

from orchestrator_service.db.models_dental import Patient, Tenant
from tests.tenancy.models import Appointment, Clinic, Person
from tests.tenancy.two_clinics import NORTH

# Both clinics have the same four, so that a count of everybody is never right by chance.
ENRICHED = """
UPDATE patients SET
    first_name = (ARRAY['Ana', 'Bruno', 'Carla', 'Dario'])[n], last_name = 'Paz',
    email = lower((ARRAY['ana', 'bruno', 'carla', 'dario'])[n]) || '@example.com', birth_date = date '1980-01-01' + n * 1000,
    status = CASE n WHEN 4 THEN 'inactive' ELSE 'active' END,
    medical_history = CASE WHEN n < 3 THEN jsonb_build_object('allergies', jsonb_build_array('latex'), 'visits', n) ELSE '{}' END,
    acquisition_source = CASE WHEN n < 3 THEN 'META_ADS' ELSE 'ORGANIC' END,
    meta_ad_id = CASE WHEN n < 3 THEN '120208466731140' || n END
FROM (SELECT id AS numbered, row_number() OVER (PARTITION BY tenant_id ORDER BY id)::int AS n FROM patients) AS numbers
WHERE id = numbered
"""
P, T = Patient, Patient.__table__.c
TABLE: Any = Patient.__table__
Q = Callable[[Session], Any]
NEW = {"phone_number": "new", "first_name": "Eva"}


def all_of(statement: Any) -> Q:
    return lambda s: [tuple(row) if len(row) > 1 else row[0] for row in s.execute(statement)]


def ids(statement: Any) -> Q:
    return lambda s: [one.id for one in s.scalars(statement).unique()]


def changed(statement: Any, read: Any = None) -> Q:
    """Do it, and tell how many rows it was, or what `read` finds afterwards."""

    def act(s: Session) -> Any:
        result: Any = s.execute(statement)
        return result.rowcount if read is None else all_of(read)(s)

    return act


def _copied_out(s: Session) -> list[str]:
    out = io.StringIO()
    cursor: Any = s.connection().connection.cursor()
    cursor.copy_expert("COPY (SELECT first_name FROM patients ORDER BY id) TO STDOUT", out)
    return out.getvalue().split()


def _flushed(s: Session, how: Callable[[Any], Any]) -> Any:
    patient = s.get_one(P, 11)
    how(patient)
    s.flush()
    s.expire_all()
    return patient.notes


def _read_anew(s: Session, how: Callable[[Any], None]) -> Any:
    how(patient := s.get_one(P, 11))
    return patient.notes


def _saved_in_bulk(s: Session) -> Any:
    s.bulk_save_objects([P(**NEW)])
    return s.scalar(select(func.count()).select_from(P))


def _deleted(s: Session) -> list[int]:
    s.delete(s.get_one(P, 11))
    s.flush()
    return list(s.scalars(select(P.id).order_by(P.id)))


def _added(s: Session) -> Any:
    s.add(new := P(**NEW))
    s.flush()
    return new.tenant_id, new.acquisition_source


def _many_added(s: Session) -> Any:
    s.add_all([P(phone_number=f"m{i}", first_name="M") for i in range(50)])
    s.flush()
    return s.scalar(select(func.count()).where(P.first_name == "M"))


def _in_a_savepoint(s: Session) -> Any:
    with s.begin_nested():
        s.add(P(**NEW))
    nested = s.begin_nested()
    s.add(P(phone_number="other", first_name="Eva"))
    s.flush()
    nested.rollback()
    return s.scalar(select(func.count()).where(P.first_name == "Eva"))


def _pickled(s: Session) -> Any:
    patient = s.get_one(Person, 11)
    again = pickle.loads(pickle.dumps(patient))
    s.expunge_all()
    s.add(again)
    return again.clinic.id, again.notes


def _streamed(s: Session) -> Any:
    return [p.id for p in s.scalars(select(P).order_by(P.id).execution_options(yield_per=2))]


def _partitioned(s: Session) -> Any:
    found = s.execute(select(P.id).order_by(P.id), execution_options={"yield_per": 3})
    return [[row.id for row in part] for part in found.partitions()]


def _merged(s: Session) -> Any:
    merged = s.merge(P(id=11, notes="merged"))
    s.flush()
    return merged.first_name, merged.notes


def _temporary(s: Session) -> Any:
    s.execute(text("CREATE TEMPORARY TABLE chosen (id int) ON COMMIT DROP"))
    s.execute(text("INSERT INTO chosen SELECT id FROM patients WHERE status = 'active'"))
    return s.scalar(text("SELECT count(*) FROM chosen"))


def _settings(s: Session) -> Any:
    s.execute(text("SET LOCAL statement_timeout = '5s'"))
    s.execute(text("SET LOCAL work_mem = '8MB'"))
    return s.scalar(text("SHOW statement_timeout"))


def _explained(s: Session) -> Any:
    plan = s.scalars(text("EXPLAIN (COSTS off) SELECT * FROM patients WHERE id = 11")).all()
    return any("tenant_id" in line for line in plan)


def _cursor(s: Session) -> Any:
    s.execute(text("DECLARE few CURSOR FOR SELECT id FROM patients ORDER BY id"))
    return list(s.scalars(text("FETCH 2 FROM few")))


_a, _b = aliased(P), aliased(P)
_recent = select(P).order_by(P.id.desc()).limit(2).cte("recent")
_each = select(P.id, func.row_number().over(partition_by=P.status, order_by=P.id).label("n")).subquery()
_numbers = values(column("id", Integer), column("word", String), name="numbers").data([(11, "once"), (1001, "mil uno")])
_last = select(Appointment.id).where(Appointment.patient_id == Person.id).limit(1).lateral("last")

ORDINARY: dict[str, tuple[Q, Any]] = {
    # Reading
    "all": (ids(select(P).order_by(P.id)), [11, 12, 13, 14]),
    "by key": (lambda s: s.get_one(P, 12).first_name, "Bruno"),
    "another's key": (lambda s: s.get(P, 1001), None),
    "by key, locked": (lambda s: s.get_one(P, 12, with_for_update=True).id, 12),
    "by phone": (ids(select(P).where(P.phone_number == "n13")), [13]),
    "filter_by": (ids(select(P).filter_by(status="inactive")), [14]),
    "first": (lambda s: s.scalars(select(P).order_by(P.id.desc())).first().id, 14),  # type: ignore[union-attr]
    "one or none": (lambda s: s.scalars(select(P).where(P.phone_number == "s1001")).one_or_none(), None),
    "first page": (ids(select(P).order_by(P.id).limit(2)), [11, 12]),
    "second page": (ids(select(P).order_by(P.id).limit(2).offset(2)), [13, 14]),
    "page by key": (ids(select(P).where(P.id > 12).order_by(P.id).limit(5)), [13, 14]),
    "page by two keys": (ids(select(P).where(tuple_(P.last_name, P.id) > ("Paz", 12)).order_by(P.id)), [13, 14]),
    "fetch": (ids(select(P).order_by(P.id).fetch(3)), [11, 12, 13]),
    "ilike": (all_of(select(P.id).where(P.first_name.ilike("%AR%")).order_by(P.id)), [13, 14]),
    "contains": (all_of(select(P.id).where(P.email.contains("@example", autoescape=True)).order_by(P.id)), [11, 12, 13, 14]),
    "starts with": (all_of(select(P.id).where(P.first_name.startswith("B"))), [12]),
    "regular expression": (all_of(select(P.id).where(P.first_name.regexp_match("^[AB]")).order_by(P.id)), [11, 12]),
    "IN": (all_of(select(P.id).where(P.id.in_([11, 12, 1001])).order_by(P.id)), [11, 12]),
    "IN nothing": (all_of(select(P.id).where(P.id.in_([]))), []),
    "NOT IN": (all_of(select(P.id).where(P.id.not_in([11, 12])).order_by(P.id)), [13, 14]),
    "ANY of an array": (all_of(select(P.id).where(P.id == func.any(cast([11, 1001], ARRAY(Integer))))), [11]),
    "BETWEEN": (all_of(select(P.id).where(P.id.between(12, 2000)).order_by(P.id)), [12, 13, 14]),
    "OR": (all_of(select(P.id).where(or_(P.id == 11, P.id == 1001, P.status == "inactive")).order_by(P.id)), [11, 14]),
    "NOT and AND": (all_of(select(P.id).where(not_(and_(P.id > 11, P.status == "active"))).order_by(P.id)), [11, 14]),
    "NULL": (all_of(select(P.id).where(P.meta_ad_id.is_(None)).order_by(P.id)), [13, 14]),
    "IS DISTINCT FROM": (all_of(select(P.id).where(P.meta_ad_id.is_distinct_from("1202084667311401")).order_by(P.id)), [12, 13, 14]),
    "never": (all_of(select(P.id).where(false())), []),
    "dates": (all_of(select(P.id).where(P.birth_date < date(1986, 1, 1)).order_by(P.id)), [11, 12]),
    "extract": (all_of(select(extract("year", P.birth_date)).order_by(P.id).limit(1)), [1982]),
    "date_trunc": (all_of(select(cast(func.date_trunc("year", P.birth_date), Date)).where(P.id == 11)), [date(1982, 1, 1)]),
    "NULLS LAST": (all_of(select(P.id).order_by(P.meta_ad_id.desc().nulls_last(), P.id)), [12, 11, 13, 14]),
    "order by a label": (all_of(select((P.id * -1).label("n")).order_by("n")), [-14, -13, -12, -11]),
    "a few columns": (all_of(select(P.id, P.first_name).where(P.id == 11)), [(11, "Ana")]),
    "bundle": (lambda s: s.execute(select(Bundle("b", P.id, P.email)).where(P.id == 11)).scalar_one().email, "ana@example.com"),
    "load_only": (lambda s: s.scalars(select(P).options(load_only(P.first_name)).where(P.id == 11)).one().email, "ana@example.com"),
    "defer": (lambda s: s.scalars(select(P).options(defer(P.notes)).where(P.id == 11)).one().notes, "north 11"),
    "raiseload": (ids(select(Person).options(raiseload("*")).order_by(Person.id)), [11, 12, 13, 14]),
    "mappings": (lambda s: dict(s.execute(select(P.id, P.status).where(P.id == 14)).mappings().one()), {"id": 14, "status": "inactive"}),
    "case": (all_of(select(case((P.status == "active", "sí"), else_="no")).order_by(P.id)), ["sí", "sí", "sí", "no"]),
    "coalesce": (all_of(select(func.coalesce(P.meta_ad_id, "ninguno")).where(P.id == 13)), ["ninguno"]),
    "concatenation": (all_of(select(P.first_name + " " + P.last_name).where(P.id == 11)), ["Ana Paz"]),
    "literal": (all_of(select(literal("x"), P.id).where(P.id == 11)), [("x", 11)]),
    "expression of one's own": (all_of(select(P.id.op("%")(4)).order_by(P.id)), [3, 0, 1, 2]),
    "collation": (all_of(select(P.first_name.collate("C")).where(P.id == 11)), ["Ana"]),
    # Counting
    "count": (lambda s: s.scalar(select(func.count()).select_from(P)), 4),
    "count of a column": (lambda s: s.scalar(select(func.count(P.meta_ad_id))), 2),
    "count DISTINCT": (lambda s: s.scalar(select(func.count(distinct(P.status)))), 2),
    "count with a filter": (all_of(select(func.count(P.id), func.count(P.id).filter(P.status == "active"))), [(4, 3)]),
    "counts of a subquery": (lambda s: s.scalar(select(func.count()).select_from(select(P).where(P.id > 11).subquery())), 3),
    "group by": (all_of(select(P.status, func.count()).group_by(P.status).order_by(P.status)), [("active", 3), ("inactive", 1)]),
    "having": (all_of(select(P.status).group_by(P.status).having(func.count() > 1)), ["active"]),
    "rollup": (lambda s: len(s.execute(select(P.status, func.count()).group_by(func.rollup(P.status))).all()), 3),
    "percentile": (all_of(select(func.percentile_cont(0.5).within_group(P.id))), [12.5]),
    "mode": (all_of(select(func.mode().within_group(P.status))), ["active"]),
    "array_agg": (all_of(select(func.array_agg(aggregate_order_by(P.id, P.id.desc())))), [[14, 13, 12, 11]]),
    "string_agg": (all_of(select(func.string_agg(P.first_name, aggregate_order_by(literal(","), P.id)))), ["Ana,Bruno,Carla,Dario"]),
    "array_agg with a filter": (all_of(select(func.array_agg(P.id).filter(P.id < 13))), [[11, 12]]),
    "min and max": (all_of(select(func.min(P.id), func.max(P.id))), [(11, 14)]),
    "two counts in a union": (
        all_of(select(union_all(
            select(literal("total").label("k"), func.count(P.id).label("n")),
            select(literal("active"), func.count(P.id).filter(P.status != "inactive")),
        ).subquery()).order_by("n")), [("active", 3), ("total", 4)]),
    "json": (all_of(select(func.jsonb_object_agg(P.id, P.first_name)).where(P.id < 13)), [{"11": "Ana", "12": "Bruno"}]),
    # Windows
    "row_number": (all_of(select(_each.c.id).where(_each.c.n == 1).order_by(_each.c.id)), [11, 14]),
    "lag": (all_of(select(func.lag(P.id).over(order_by=P.id)).order_by(P.id)), [None, 11, 12, 13]),
    "running total": (all_of(select(func.sum(P.id).over(order_by=P.id, rows=(None, 0))).order_by(P.id)), [11, 23, 36, 50]),
    "DISTINCT ON": (lambda s: all_of(select(P.status, P.id).distinct(P.status).order_by(P.status, desc(P.id)))(s), [("active", 13), ("inactive", 14)]),  # noqa: PLW0108
    "DISTINCT": (all_of(select(P.acquisition_source).distinct().order_by(P.acquisition_source)), ["META_ADS", "ORGANIC"]),
    # Queries in queries
    "subquery": (all_of(select(P.id).where(P.id == select(func.max(P.id)).scalar_subquery())), [14]),
    "IN a query": (all_of(select(P.id).where(P.id.in_(select(_a.id).where(_a.status == "inactive")))), [14]),
    "EXISTS": (all_of(select(Tenant.id).where(exists().where(P.tenant_id == Tenant.id))), [NORTH]),
    "correlated": (all_of(select(P.id).where(exists().where(_a.id == P.id + 1)).order_by(P.id)), [11, 12, 13]),
    "CTE": (all_of(select(_recent.c.id).order_by(_recent.c.id)), [13, 14]),
    "entity of a CTE": (ids(select(aliased(P, _recent)).order_by(_recent.c.id)), [13, 14]),
    "recursive CTE": (
        all_of(text("WITH RECURSIVE n AS (SELECT min(id) AS id FROM patients UNION ALL "
                    "SELECT n.id + 1 FROM n WHERE n.id < (SELECT max(id) FROM patients)) SELECT count(*) FROM n")), [4]),
    "lateral": (all_of(select(Person.id, _last.c.id.isnot(None)).join(_last, true()).order_by(Person.id).limit(1)), [(11, True)]),
    "UNION": (all_of(union(select(P.status), select(P.status)).order_by("status")), ["active", "inactive"]),
    "UNION ALL": (lambda s: len(s.execute(union_all(select(P.id), select(P.id))).all()), 8),
    "INTERSECT": (all_of(intersect(select(P.id).where(P.id < 13), select(P.id).where(P.id > 11))), [12]),
    "EXCEPT": (all_of(except_(select(P.id), select(P.id).where(P.id > 11))), [11]),
    "VALUES": (all_of(select(P.id, _numbers.c.word).join(_numbers, _numbers.c.id == P.id)), [(11, "once")]),
    "unnest": (all_of(select(func.unnest(array([1, 2])).label("n")).order_by("n")), [1, 2]),
    "generate_series": (all_of(text("SELECT d, count(p.id) FROM generate_series(11, 12) d LEFT JOIN patients p ON p.id = d GROUP BY d ORDER BY d")),
                        [(11, 1), (12, 1)]),
    # Joins and loading
    "join": (all_of(select(P.id, Tenant.id).join(Tenant, Tenant.id == P.tenant_id).where(P.id == 11)), [(11, NORTH)]),
    "outer join": (all_of(select(Tenant.id, func.count(P.id)).outerjoin(P, P.tenant_id == Tenant.id).group_by(Tenant.id)), [(NORTH, 4)]),
    "full join": (lambda s: len(s.execute(select(P.id, Tenant.id).join(Tenant, Tenant.id == P.tenant_id, full=True)).all()), 4),
    "self join": (all_of(select(_a.id, _b.id).join(_b, _b.id == _a.id + 1).order_by(_a.id)), [(11, 12), (12, 13), (13, 14)]),
    "joined load": (lambda s: [len(c.people) for c in s.scalars(select(Clinic).options(joinedload(Clinic.people))).unique()], [4]),
    "selectin load": (lambda s: [len(c.people) for c in s.scalars(select(Clinic).options(selectinload(Clinic.people)))], [4]),
    "subquery load": (lambda s: [len(c.people) for c in s.scalars(select(Clinic).options(subqueryload(Clinic.people)))], [4]),
    "lazy load": (lambda s: [len(c.people) for c in s.scalars(select(Clinic).options(lazyload(Clinic.people)))], [4]),
    "lazy many to one": (lambda s: {p.clinic.id for p in s.scalars(select(Person))}, {NORTH}),
    "contains_eager": (lambda s: [len(c.people) for c in s.scalars(
        select(Clinic).join(Clinic.people).options(contains_eager(Clinic.people)).where(Person.id < 13)).unique()], [2]),
    "loaded two deep": (lambda s: [len(p.appointments) for p in s.scalars(
        select(Person).options(selectinload(Person.appointments)).order_by(Person.id))], [1, 1, 1, 1]),
    "relationship condition": (all_of(select(Person.id).where(Person.appointments.any()).order_by(Person.id)), [11, 12, 13, 14]),
    "relationship has": (all_of(select(Person.id).where(Person.clinic.has(Clinic.id == NORTH)).order_by(Person.id)), [11, 12, 13, 14]),
    "of one parent": (lambda s: [p.id for p in s.scalars(select(Person).where(Person.clinic == s.get_one(Clinic, NORTH)).order_by(Person.id))], [11, 12, 13, 14]),
    "query of old": (lambda s: [p.id for p in s.query(P).filter(P.id > 12).order_by(P.id)], [13, 14]),
    "query of old, counted": (lambda s: s.query(P).filter_by(status="active").count(), 3),
    "undefer_group": (ids(select(P).options(undefer_group("none")).order_by(P.id).limit(1)), [11]),
    "from_statement": (ids(select(P).from_statement(select(P).where(P.id > 13))), [14]),
    "from text": (ids(select(P).from_statement(text("SELECT * FROM patients ORDER BY id DESC LIMIT 1"))), [14]),
    "populate_existing": (ids(select(P).where(P.id == 11).execution_options(populate_existing=True)), [11]),
    "refreshed": (lambda s: _read_anew(s, s.refresh), "north 11"),
    "expired": (lambda s: _read_anew(s, s.expire), "north 11"),
    "streamed": (_streamed, [11, 12, 13, 14]),
    "partitioned": (_partitioned, [[11, 12, 13], [14]]),
    "pickled": (_pickled, (NORTH, "north 11")),
    # JSONB, arrays
    "JSONB path": (all_of(select(P.id).where(P.medical_history["visits"].as_integer() == 2)), [12]),
    "JSONB text": (all_of(select(P.medical_history[("allergies", "0")].astext).where(P.id == 11)), ["latex"]),
    "JSONB contains": (all_of(select(P.id).where(P.medical_history.contains({"allergies": ["latex"]})).order_by(P.id)), [11, 12]),
    "JSONB has key": (all_of(select(P.id).where(P.medical_history.has_key("visits")).order_by(P.id)), [11, 12]),
    "jsonpath": (all_of(select(P.id).where(func.jsonb_path_exists(P.medical_history, cast("$.visits ? (@ > 1)", JSONPATH)))), [12]),
    "JSONB elements": (all_of(text("SELECT DISTINCT a FROM patients, jsonb_array_elements_text(medical_history->'allergies') a")), ["latex"]),
    # Locks
    "FOR UPDATE": (ids(select(P).where(P.id == 11).with_for_update()), [11]),
    "FOR UPDATE SKIP LOCKED": (ids(select(P).order_by(P.id).limit(2).with_for_update(skip_locked=True)), [11, 12]),
    "FOR SHARE OF": (ids(select(Person).join(Person.clinic).where(Person.id == 11).with_for_update(read=True, of=Person)), [11]),
    "advisory lock": (lambda s: s.scalar(select(func.pg_try_advisory_xact_lock(4711))), True),
    # Writing
    "added": (_added, (NORTH, "ORGANIC")),
    "fifty added": (_many_added, 50),
    "changed": (lambda s: _flushed(s, lambda p: setattr(p, "notes", "new")), "new"),
    "deleted": (_deleted, [12, 13, 14]),
    "merged": (_merged, ("Ana", "merged")),
    "savepoint": (_in_a_savepoint, 1),
    "insert": (changed(insert(P).values(**NEW)), 1),
    "insert many": (changed(insert(P).values([NEW, {**NEW, "phone_number": "new 2"}])), 2),
    "insert rows": (lambda s: [p.tenant_id for p in s.scalars(insert(P).returning(P), [NEW, {**NEW, "phone_number": "2"}])], [NORTH, NORTH]),
    "insert returning": (lambda s: s.execute(insert(P).values(**NEW).returning(P.tenant_id)).scalar_one(), NORTH),
    "insert from a query": (changed(insert(P).from_select(
        ["tenant_id", "phone_number", "first_name"], select(P.tenant_id, P.phone_number + "!", P.first_name))), 4),
    "bulk_save_objects": (lambda s: _saved_in_bulk(s), 5),  # noqa: PLW0108
    "update": (changed(update(P).values(status="seen")), 4),
    "update some": (changed(update(P).where(P.id.in_([11, 1001])).values(notes="x")), 1),
    "update with an expression": (changed(update(P).values(notes=P.notes + "!"), select(P.notes).where(P.id == 11)), ["north 11!"]),
    "update returning": (all_of(update(P).where(P.id == 11).values(notes="x").returning(P.id, P.notes)), [(11, "x")]),
    "update from another": (changed(update(P).where(P.tenant_id == Tenant.id).values(notes=Tenant.owner_email), select(P.notes).distinct()), ["north"]),
    "update from itself": (changed(update(P).where(_a.id == P.id - 1).values(notes=_a.first_name), select(P.notes).where(P.id == 12)), ["Ana"]),
    "update from a CTE": (changed(update(P).where(P.id.in_(select(_recent.c.id))).values(notes="x")), 2),
    "update by ids": (lambda s: (s.execute(update(P), [{"id": 11, "notes": "a"}, {"id": 12, "notes": "b"}]),
                                 all_of(select(P.notes).where(P.id < 13).order_by(P.id))(s))[1], ["a", "b"]),
    "JSONB changed": (changed(update(P).where(P.id == 11).values(medical_history=P.medical_history.concat({"x": 1})),
                              select(P.medical_history["x"].as_integer()).where(P.id == 11)), [1]),
    "its own clinic changed": (changed(update(Tenant).values(clinic_website="https://north.example")), 1),
    "delete": (changed(delete(P).where(P.id == 14)), 1),
    "delete all": (changed(delete(P)), 4),
    "delete using": (changed(delete(P).where(P.tenant_id == Tenant.id, P.id > 12)), 2),
    "upsert by columns": (changed(upsert(P).values(tenant_id=NORTH, phone_number="n11", first_name="Anita").on_conflict_do_update(
        index_elements=["tenant_id", "phone_number"], set_={"first_name": "Anita"}), select(P.first_name).where(P.id == 11)), ["Anita"]),
    "upsert by constraint": (changed(upsert(P).values(phone_number="n11", first_name="Anita").on_conflict_do_update(
        constraint="patients_tenant_id_phone_number_key", set_={"first_name": "Anita"}), select(P.first_name).where(P.id == 11)), ["Anita"]),
    "upsert, nothing": (changed(upsert(P).values(phone_number="n11", first_name="x").on_conflict_do_nothing()), 0),
    "moved with a CTE": (all_of(text("WITH gone AS (DELETE FROM patients WHERE id = 11 RETURNING first_name) SELECT * FROM gone")), ["Ana"]),
    # Text, Core, the driver
    "select 1": (lambda s: s.scalar(text("SELECT 1")), 1),
    "now": (lambda s: s.scalar(select(func.now())) is not None, True),
    "text": (all_of(text("SELECT count(*) FROM patients")), [4]),
    "text with values": (all_of(text("SELECT id FROM patients WHERE id = ANY(:ids)").bindparams(ids=[11, 1001])), [11]),
    "text in a condition": (all_of(select(P.id).where(text("first_name LIKE 'A%'"))), [11]),
    "literal_column": (all_of(select(literal_column("1 + 1"), P.id).where(P.id == 11)), [(2, 11)]),
    "typed bindparam": (lambda s: s.scalar(select(P.id).where(P.phone_number == bindparam("phone", type_=String)), {"phone": "n11"}), 11),
    "Core": (all_of(select(T.id).order_by(T.id)), [11, 12, 13, 14]),
    "Core by a light table": (all_of(select(func.count()).select_from(table("patients"))), [4]),
    "Core update": (changed(update(TABLE).values(notes="x")), 4),
    "Core delete": (changed(delete(TABLE)), 4),
    "Core insert": (lambda s: s.connection().execute(insert(TABLE), [NEW]).rowcount, 1),
    "Core lateral": (all_of(select(lateral(select(T.id).where(T.id == 11)))), [11]),
    "hint": (ids(select(P).prefix_with("/*+ IndexScan(patients) */").order_by(P.id)), [11, 12, 13, 14]),
    "translated schema": (lambda s: s.scalar(select(func.count()).select_from(TABLE), execution_options={"schema_translate_map": {None: "public"}}), 4),
    "the connection": (lambda s: s.connection().scalar(text("SELECT count(*) FROM patients")), 4),
    "driver's SQL": (lambda s: s.connection().exec_driver_sql("SELECT count(*) FROM patients").scalar(), 4),
    "COPY out": (_copied_out, ["Ana", "Bruno", "Carla", "Dario"]),
    "sequence": (lambda s: s.scalar(Sequence("patients_id_seq")) > 0, True),
    "SET LOCAL": (_settings, "5s"),
    "temporary table": (_temporary, 3),
    "EXPLAIN": (_explained, True),
    "server-side cursor": (_cursor, [11, 12]),
}  # fmt: skip
