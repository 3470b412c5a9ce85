# mypy: disable-error-code="func-returns-value"
"""What a clinic's backend asks all day, and what each must answer: Ana, Bruno, Carla and Dario of one clinic of two.

A statement answers its rows, one column's as plain values; a function is called with the session.
"""

# isort: skip_file
import io
import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import (
    Integer, Sequence, String, and_, case, cast, column, delete, distinct, except_, exists,
    func, insert, intersect, literal_column, not_, or_, select, table, text, true,
    tuple_, union, union_all, update, values,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH, aggregate_order_by, array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    Bundle, Session, aliased, contains_eager, defer, joinedload, lazyload, load_only, selectinload,
    subqueryload,
)  # fmt: skip

from orchestrator_service.db.models_dental import Patient, Tenant
from tests.tenancy.clinics import NORTH, Appointment, Clinic, Person

P, T = Patient, Patient.__table__.c
TABLE: Any = Patient.__table__
Ask = Callable[[Session], Any]
NEW = {"phone_number": "new", "first_name": "Eva"}
FOUR = [11, 12, 13, 14]
COUNT = select(func.count()).select_from(P)
TWO_MORE = [NEW, {**NEW, "phone_number": "2"}]


def asked(session: Session, what: Any) -> Any:
    if not hasattr(what, "compile"):
        return what(session)
    return [tuple(row) if len(row) > 1 else row[0] for row in session.execute(what)]


def ids(statement: Any) -> Ask:
    return lambda s: [one.id for one in s.scalars(statement).unique()]


def changed(statement: Any, read: Any = None) -> Ask:
    """Do it, and tell how many rows it was, or what `read` finds afterwards."""

    def act(s: Session) -> Any:
        result: Any = s.execute(statement)
        return result.rowcount if read is None else asked(s, read)

    return act


def people(option: Any) -> Ask:
    return lambda s: [len(clinic.people) for clinic in s.scalars(select(Clinic).options(option)).unique()]


def _copied_out(s: Session) -> list[str]:
    out = io.StringIO()
    cursor: Any = s.connection().connection.cursor()
    cursor.copy_expert("COPY (SELECT first_name FROM patients ORDER BY id) TO STDOUT", out)
    return out.getvalue().split()


def _notes(how: Callable[[Session, Any], Any]) -> Ask:
    def act(s: Session) -> Any:
        how(s, patient := s.get_one(P, 11))
        s.flush()
        return patient.notes

    return act


def _added(s: Session) -> Any:
    s.add(new := P(**NEW))
    number = new.tenant_id  # before the flush
    s.flush()
    return number, new.acquisition_source


def _fifty(s: Session) -> Any:
    s.add_all([P(phone_number=f"m{i}", first_name="M") for i in range(50)])
    return s.scalar(select(func.count()).where(P.first_name == "M"))


def _children(s: Session) -> Any:
    clinic = s.get_one(Clinic, NORTH)
    clinic.people.append(new := Person(**NEW))
    s.flush()
    return new.tenant_id


def _in_a_savepoint(s: Session) -> Any:
    with s.begin_nested():
        s.add(P(**NEW))
    nested = s.begin_nested()
    s.add(P(phone_number="other", first_name="Eva"))
    s.flush()
    nested.rollback()
    return s.scalar(select(func.count()).where(P.first_name == "Eva"))


def _after_an_error(s: Session) -> Any:
    with s.begin_nested() as nested:
        s.add(P(phone_number="n11", first_name="taken"))
        try:
            s.flush()
        except IntegrityError:
            nested.rollback()
    return s.scalar(COUNT)


def _pickled(s: Session) -> Any:
    again = pickle.loads(pickle.dumps(s.get_one(Person, 11)))
    s.expunge_all()
    s.add(again)
    return again.clinic.id, again.notes


def _merged(s: Session) -> Any:
    merged = s.merge(P(id=11, notes="merged"))
    s.flush()
    return merged.first_name, merged.notes


def _deleted(s: Session) -> Any:
    s.delete(s.get_one(P, 11))
    s.flush()
    return s.scalar(COUNT)


def _saved_in_bulk(s: Session) -> Any:
    s.bulk_save_objects([P(**NEW)])
    return s.scalar(COUNT)


def _ten_thousand(s: Session) -> Any:
    s.execute(insert(P), [{"phone_number": f"+{i}", "first_name": "a"} for i in range(10_000)])
    return s.scalar(COUNT)


def _several(*statements: str) -> Ask:
    def act(s: Session) -> Any:
        for statement in statements[:-1]:
            s.execute(text(statement))
        return asked(s, text(statements[-1]))

    return act


_a, _b = aliased(P), aliased(P)
_recent = select(P).order_by(P.id.desc()).limit(2).cte("recent")
_each = select(P.id, func.row_number().over(partition_by=P.status, order_by=P.id).label("n")).subquery()
_numbers = values(column("id", Integer), column("word", String), name="numbers").data([(11, "once"), (1001, "mil uno")])
_last = select(Appointment.id).where(Appointment.patient_id == Person.id).limit(1).lateral("last")
_of = select(P.id).order_by(P.id)
_by_phone = upsert(P).values(phone_number="n11", first_name="Anita")
_anita = select(P.first_name).where(P.id == 11)

ORDINARY: dict[str, tuple[Any, Any]] = {
    # Reading
    "all": (ids(select(P).order_by(P.id)), FOUR),
    "by key": (lambda s: s.get_one(P, 12).first_name, "Bruno"),
    "another's key": (lambda s: s.get(P, 1001), None),
    "by key, locked": (lambda s: s.get_one(P, 12, with_for_update=True).id, 12),
    "by phone": (ids(select(P).where(P.phone_number == "n13")), [13]),
    "filter_by": (ids(select(P).filter_by(status="inactive")), [14]),
    "one or none": (lambda s: s.scalars(select(P).where(P.phone_number == "s1001")).one_or_none(), None),
    "first page": (ids(select(P).order_by(P.id).limit(2)), [11, 12]),
    "second page": (ids(select(P).order_by(P.id).limit(2).offset(2)), [13, 14]),
    "page by key": (ids(select(P).where(P.id > 12).order_by(P.id).limit(5)), [13, 14]),
    "page by two keys": (_of.where(tuple_(P.last_name, P.id) > ("Paz", 12)), [13, 14]),
    "ilike": (_of.where(P.first_name.ilike("%AR%")), [13, 14]),
    "contains": (_of.where(P.email.contains("@example", autoescape=True)), FOUR),
    "regular expression": (_of.where(P.first_name.regexp_match("^[AB]")), [11, 12]),
    "IN": (_of.where(P.id.in_([11, 12, 1001])), [11, 12]),
    "NOT IN": (_of.where(P.id.not_in([11, 12])), [13, 14]),
    "ANY of an array": (_of.where(P.id == func.any(cast([11, 1001], ARRAY(Integer)))), [11]),
    "OR": (_of.where(or_(P.id == 11, P.id == 1001, P.status == "inactive")), [11, 14]),
    "NOT and AND": (_of.where(not_(and_(P.id > 11, P.status == "active"))), [11, 14]),
    "NULL": (_of.where(P.meta_ad_id.is_(None)), [13, 14]),
    "dates": (_of.where(P.birth_date < date(1986, 1, 1)), [11, 12]),
    "order by a label": (select((P.id * -1).label("n")).order_by("n"), [-14, -13, -12, -11]),
    "a few columns": (select(P.id, P.first_name).where(P.id == 11), [(11, "Ana")]),
    "bundle": (lambda s: s.execute(select(Bundle("b", P.id, P.email)).where(P.id == 12)).scalar_one().id, 12),
    "load_only": (lambda s: s.scalars(select(P).options(load_only(P.status)).where(P.id == 12)).one().last_name, "Paz"),
    "defer": (lambda s: s.scalars(select(P).options(defer(P.notes)).where(P.id == 11)).one().notes, "north 11"),
    "mappings": (lambda s: dict(s.execute(select(P.id).where(P.id == 14)).mappings().one()), {"id": 14}),
    "case": (select(case((P.status == "active", "sí"), else_="no")).order_by(P.id), ["sí", "sí", "sí", "no"]),
    "coalesce": (select(func.coalesce(P.meta_ad_id, "ninguno")).where(P.id == 13), ["ninguno"]),
    "concatenation": (select(P.first_name + " " + P.last_name).where(P.id == 11), ["Ana Paz"]),
    "a number as text": (select(cast(5, String)), ["5"]),
    "expression of one's own": (select(P.id.op("%")(4)).order_by(P.id), [3, 0, 1, 2]),
    # Counting
    "count": (COUNT, [4]),
    "count of a column": (select(func.count(P.meta_ad_id)), [2]),
    "count DISTINCT": (select(func.count(distinct(P.status))), [2]),
    "count with a filter": (select(func.count(P.id), func.count(P.id).filter(P.status == "active")), [(4, 3)]),
    "count of a subquery": (select(func.count()).select_from(select(P).where(P.id > 11).subquery()), [3]),
    "group by": (select(P.status, func.count()).group_by(P.status).order_by(P.status),
                 [("active", 3), ("inactive", 1)]),
    "having": (select(P.status).group_by(P.status).having(func.count() > 1), ["active"]),
    "array_agg": (select(func.array_agg(aggregate_order_by(P.id, P.id.desc()))), [[14, 13, 12, 11]]),
    "array_agg with a filter": (select(func.array_agg(P.id).filter(P.id < 13)), [[11, 12]]),
    "min and max": (select(func.min(P.id), func.max(P.id)), [(11, 14)]),
    "json": (select(func.jsonb_object_agg(P.id, P.first_name)).where(P.id < 13), [{"11": "Ana", "12": "Bruno"}]),
    # Windows
    "row_number": (select(_each.c.id).where(_each.c.n == 1).order_by(_each.c.id), [11, 14]),
    "running total": (select(func.sum(P.id).over(order_by=P.id, rows=(None, 0))).order_by(P.id), [11, 23, 36, 50]),
    "DISTINCT": (select(P.acquisition_source).distinct().order_by(P.acquisition_source), ["META_ADS", "ORGANIC"]),
    # Queries in queries
    "subquery": (_of.where(P.id == select(func.max(P.id)).scalar_subquery()), [14]),
    "IN a query": (_of.where(P.id.in_(select(_a.id).where(_a.status == "inactive"))), [14]),
    "EXISTS": (select(Tenant.id).where(exists().where(P.tenant_id == Tenant.id)), [NORTH]),
    "correlated": (_of.where(exists().where(_a.id == P.id + 1)), [11, 12, 13]),
    "CTE": (select(_recent.c.id).order_by(_recent.c.id), [13, 14]),
    "entity of a CTE": (ids(select(aliased(P, _recent)).order_by(_recent.c.id)), [13, 14]),
    "lateral": (select(Person.id).join(_last, true()).order_by(Person.id), FOUR),
    "UNION": (union(select(P.status), select(P.status)).order_by("status"), ["active", "inactive"]),
    "UNION ALL": (lambda s: len(s.execute(union_all(select(P.id), select(P.id))).all()), 8),
    "INTERSECT": (intersect(select(P.id).where(P.id < 13), select(P.id).where(P.id > 11)), [12]),
    "EXCEPT": (except_(select(P.id), select(P.id).where(P.id > 11)), [11]),
    "VALUES": (select(P.id, _numbers.c.word).join(_numbers, _numbers.c.id == P.id), [(11, "once")]),
    "unnest": (select(func.unnest(array([1, 2])).label("n")).order_by("n"), [1, 2]),
    "series": (text("SELECT d, count(p.id) FROM generate_series(10, 11) d LEFT JOIN patients p ON p.id = d "
                    "GROUP BY d ORDER BY d"), [(10, 0), (11, 1)]),
    # Joins and loading
    "join": (select(P.id, Tenant.id).join(Tenant, Tenant.id == P.tenant_id).where(P.id == 11), [(11, NORTH)]),
    "outer join": (select(Tenant.id, func.count(P.id)).outerjoin(P, P.tenant_id == Tenant.id).group_by(Tenant.id),
                   [(NORTH, 4)]),
    "self join": (select(_a.id, _b.id).join(_b, _b.id == _a.id + 1).order_by(_a.id), [(11, 12), (12, 13), (13, 14)]),
    "joined load": (people(joinedload(Clinic.people)), [4]),
    "selectin load": (people(selectinload(Clinic.people)), [4]),
    "subquery load": (people(subqueryload(Clinic.people)), [4]),
    "lazy load": (people(lazyload(Clinic.people)), [4]),
    "lazy many to one": (lambda s: {p.clinic.id for p in s.scalars(select(Person))}, {NORTH}),
    "contains_eager": (lambda s: [len(c.people) for c in s.scalars(select(Clinic).join(Clinic.people)
                       .options(contains_eager(Clinic.people)).where(Person.id < 13)).unique()], [2]),
    "loaded two deep": (lambda s: [len(p.appointments) for p in s.scalars(
        select(Person).options(selectinload(Person.appointments)).order_by(Person.id))], [1, 1, 1, 1]),
    "relationship any": (select(Person.id).where(Person.appointments.any()).order_by(Person.id), FOUR),
    "relationship has": (select(Person.id).where(Person.clinic.has(Clinic.id == NORTH)).order_by(Person.id), FOUR),
    "of one parent": (lambda s: [p.id for p in s.get_one(Clinic, NORTH).people], FOUR),
    "query of old": (lambda s: [p.id for p in s.query(P).filter(P.id > 12).order_by(P.id)], [13, 14]),
    "from_statement": (ids(select(P).from_statement(select(P).where(P.id > 13))), [14]),
    "from text": (ids(select(P).from_statement(text("SELECT * FROM patients ORDER BY id DESC LIMIT 1"))), [14]),
    "populate_existing": (ids(select(P).where(P.id == 11).execution_options(populate_existing=True)), [11]),
    "refreshed": (_notes(lambda s, p: s.refresh(p)), "north 11"),
    "expired": (_notes(lambda s, p: s.expire(p)), "north 11"),
    "streamed": (lambda s: [p.id for p in s.scalars(select(P).order_by(P.id).execution_options(yield_per=2))], FOUR),
    "partitioned": (lambda s: [len(list(part)) for part in s.execute(_of, execution_options={"yield_per": 3})
                               .partitions()], [3, 1]),
    "pickled": (_pickled, (NORTH, "north 11")),
    # JSONB
    "JSONB path": (_of.where(P.medical_history["visits"].as_integer() == 2), [12]),
    "JSONB contains": (_of.where(P.medical_history.contains({"allergies": ["latex"]})), [11, 12]),
    "JSONB has key": (_of.where(P.medical_history.has_key("visits")), [11, 12]),
    "jsonpath": (_of.where(func.jsonb_path_exists(P.medical_history, cast("$.visits ? (@ > 1)", JSONPATH))), [12]),
    # Locks
    "FOR UPDATE": (ids(select(P).where(P.id == 11).with_for_update()), [11]),
    "FOR UPDATE SKIP LOCKED": (ids(select(P).order_by(P.id).limit(2).with_for_update(skip_locked=True)), [11, 12]),
    "FOR SHARE OF": (ids(select(Person).join(Person.clinic).where(Person.id == 11)
                         .with_for_update(read=True, of=Person)), [11]),
    "advisory lock": (select(func.pg_try_advisory_xact_lock(4711)), [True]),
    # Writing
    "added": (_added, (NORTH, "ORGANIC")),
    "added to its clinic": (_children, NORTH),
    "fifty added": (_fifty, 50),
    "changed": (_notes(lambda _, p: setattr(p, "notes", "new")), "new"),
    "changed, of what was expired": (_notes(lambda s, p: (s.expire(p), setattr(p, "notes", "new"))), "new"),
    "deleted": (_deleted, 3),
    "merged": (_merged, ("Ana", "merged")),
    "savepoint": (_in_a_savepoint, 1),
    "on after an error": (_after_an_error, 4),
    "insert": (changed(insert(P).values(**NEW)), 1),
    "insert many": (changed(insert(P).values(TWO_MORE)), 2),
    "insert rows": (lambda s: [p.tenant_id for p in s.scalars(insert(P).returning(P), TWO_MORE)], [NORTH, NORTH]),
    "insert returning": (insert(P).values(**NEW).returning(P.tenant_id), [NORTH]),
    "insert from a query": (changed(insert(P).from_select(
        ["phone_number", "first_name"], select(P.phone_number + "!", P.first_name))), 4),
    "bulk_save_objects": (_saved_in_bulk, 5),
    "ten thousand rows": (_ten_thousand, 10_004),
    "update": (changed(update(P).values(status="seen")), 4),
    "update some": (changed(update(P).where(P.id.in_([11, 1001])).values(notes="x")), 1),
    "update returning": (update(P).where(P.id == 11).values(notes="x").returning(P.id, P.notes), [(11, "x")]),
    "update from another": (changed(update(P).where(P.tenant_id == Tenant.id).values(notes=Tenant.owner_email),
                                    select(P.notes).distinct()), ["north"]),
    "update from a CTE": (changed(update(P).where(P.id.in_(select(_recent.c.id))).values(notes="x")), 2),
    "update by ids": (lambda s: (s.execute(update(P), [{"id": 11, "notes": "a"}, {"id": 12, "notes": "b"}]),
                                 asked(s, select(P.notes).where(P.id < 13).order_by(P.id)))[1], ["a", "b"]),
    "JSONB changed": (changed(update(P).where(P.id == 11).values(medical_history=P.medical_history.concat({"x": 1})),
                              select(P.medical_history["x"].as_integer()).where(P.id == 11)), [1]),
    "its own clinic changed": (changed(update(Tenant).values(clinic_website="https://north.example")), 1),
    "delete": (changed(delete(P).where(P.id == 14)), 1),
    "delete all": (changed(delete(P)), 4),
    "delete using": (changed(delete(P).where(P.tenant_id == Tenant.id, P.id > 12)), 2),
    "upsert by columns": (changed(_by_phone.on_conflict_do_update(
        index_elements=["tenant_id", "phone_number"], set_={"first_name": "Anita"}), _anita), ["Anita"]),
    "upsert by constraint": (changed(_by_phone.on_conflict_do_update(
        constraint="patients_tenant_id_phone_number_key", set_={"first_name": "Anita"}), _anita), ["Anita"]),
    "upsert, nothing": (changed(_by_phone.on_conflict_do_nothing()), 0),
    "moved with a CTE": (text("WITH gone AS (DELETE FROM patients WHERE id = 11 RETURNING first_name) "
                              "SELECT * FROM gone"), ["Ana"]),
    # Text, Core, the driver
    "text": (text("SELECT count(*) FROM patients"), [4]),
    "text with values": (text("SELECT id FROM patients WHERE id = ANY(:ids)").bindparams(ids=[11, 1001]), [11]),
    "text in a condition": (_of.where(text("first_name LIKE 'A%'")), [11]),
    "literal_column": (select(literal_column("1 + 1"), P.id).where(P.id == 11), [(2, 11)]),
    "Core": (select(T.id).order_by(T.id), FOUR),
    "Core by a light table": (select(func.count()).select_from(table("patients")), [4]),
    "Core update": (changed(update(TABLE).values(notes="x")), 4),
    "Core insert": (lambda s: s.connection().execute(insert(TABLE), [NEW]).rowcount, 1),
    "hint": (ids(select(P).prefix_with("/*+ IndexScan(patients) */").order_by(P.id)), FOUR),
    "translated schema": (select(func.count()).select_from(TABLE)
                          .execution_options(schema_translate_map={None: "public"}), [4]),
    "the connection": (lambda s: s.connection().scalar(text("SELECT count(*) FROM patients")), 4),
    "driver's SQL": (lambda s: s.connection().exec_driver_sql("SELECT count(*) FROM patients").scalar(), 4),
    "COPY out": (_copied_out, ["Ana", "Bruno", "Carla", "Dario"]),
    "sequence": (lambda s: s.scalar(Sequence("patients_id_seq")) > 0, True),
    "SET LOCAL": (_several("SET LOCAL statement_timeout = '5s'", "SHOW statement_timeout"), ["5s"]),
    "temporary table": (_several("CREATE TEMP TABLE few ON COMMIT DROP AS SELECT id FROM patients",
                                 "SELECT count(*) FROM few"), [4]),
    "server-side cursor": (_several("DECLARE few CURSOR FOR SELECT id FROM patients ORDER BY id",
                                    "FETCH 2 FROM few"), [11, 12]),
    "uses the index": (_several("SET LOCAL enable_seqscan = off", "EXPLAIN (COSTS off) SELECT 1 FROM patients"),
                       lambda plan: any("Index Cond: (tenant_id =" in line for line in plan)),
}  # fmt: skip
