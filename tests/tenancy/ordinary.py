# mypy: disable-error-code="func-returns-value"
"""What a clinic's backend asks all day, and what each must answer: Ana, Bruno, Carla and Dario of one clinic of two.

A statement answers its rows, one column's as plain values; a function is called with the session.
"""

# isort: skip_file
import io
import pickle
from collections.abc import Callable
from typing import Any

from sqlalchemy import Sequence, String, cast, delete, exists, func, insert, select, text, true, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, defer, joinedload, lazyload, load_only, selectinload

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


_a = aliased(P)
_recent = select(P).order_by(P.id.desc()).limit(2).cte("recent")
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
    "page by key": (ids(select(P).where(P.id > 12).order_by(P.id).limit(5)), [13, 14]),
    "load_only": (lambda s: s.scalars(select(P).options(load_only(P.status)).where(P.id == 12)).one().last_name, "Paz"),
    "defer": (lambda s: s.scalars(select(P).options(defer(P.notes)).where(P.id == 11)).one().notes, "north 11"),
    "count": (COUNT, [4]),
    "a number as text": (select(cast(5, String)), ["5"]),
    "IN a query": (_of.where(P.id.in_(select(_a.id).where(_a.status == "inactive"))), [14]),
    "EXISTS": (select(Tenant.id).where(exists().where(P.tenant_id == Tenant.id)), [NORTH]),
    "CTE": (select(_recent.c.id).order_by(_recent.c.id), [13, 14]),
    "lateral": (select(Person.id).join(_last, true()).order_by(Person.id), FOUR),
    "UNION ALL": (lambda s: len(s.execute(union_all(select(P.id), select(P.id))).all()), 8),
    # Joins and loading
    "join": (select(P.id, Tenant.id).join(Tenant, Tenant.id == P.tenant_id).where(P.id == 11), [(11, NORTH)]),
    "joined load": (people(joinedload(Clinic.people)), [4]),
    "selectin load": (people(selectinload(Clinic.people)), [4]),
    "lazy load": (people(lazyload(Clinic.people)), [4]),
    "lazy many to one": (lambda s: {p.clinic.id for p in s.scalars(select(Person))}, {NORTH}),
    "relationship any": (select(Person.id).where(Person.appointments.any()).order_by(Person.id), FOUR),
    "of one parent": (lambda s: [p.id for p in s.get_one(Clinic, NORTH).people], FOUR),
    "refreshed": (_notes(lambda s, p: s.refresh(p)), "north 11"),
    "expired": (_notes(lambda s, p: s.expire(p)), "north 11"),
    "streamed": (lambda s: [p.id for p in s.scalars(select(P).order_by(P.id).execution_options(yield_per=2))], FOUR),
    "partitioned": (lambda s: [len(list(part)) for part in s.execute(_of, execution_options={"yield_per": 3})
                               .partitions()], [3, 1]),
    "pickled": (_pickled, (NORTH, "north 11")),
    "FOR UPDATE SKIP LOCKED": (ids(select(P).order_by(P.id).limit(2).with_for_update(skip_locked=True)), [11, 12]),
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
    "insert rows": (lambda s: [p.tenant_id for p in s.scalars(insert(P).returning(P), TWO_MORE)], [NORTH, NORTH]),
    "insert returning": (insert(P).values(**NEW).returning(P.tenant_id), [NORTH]),
    "insert from a query": (changed(insert(P).from_select(
        ["phone_number", "first_name"], select(P.phone_number + "!", P.first_name))), 4),
    "bulk_save_objects": (_saved_in_bulk, 5),
    "ten thousand rows": (_ten_thousand, 10_004),
    "update": (changed(update(P).values(status="seen")), 4),
    "update returning": (update(P).where(P.id == 11).values(notes="x").returning(P.id, P.notes), [(11, "x")]),
    "update from a CTE": (changed(update(P).where(P.id.in_(select(_recent.c.id))).values(notes="x")), 2),
    "update by ids": (lambda s: (s.execute(update(P), [{"id": 11, "notes": "a"}, {"id": 12, "notes": "b"}]),
                                 asked(s, select(P.notes).where(P.id < 13).order_by(P.id)))[1], ["a", "b"]),
    "its own clinic changed": (changed(update(Tenant).values(clinic_website="https://north.example")), 1),
    "delete all": (changed(delete(P)), 4),
    "upsert by columns": (changed(_by_phone.on_conflict_do_update(
        index_elements=["tenant_id", "phone_number"], set_={"first_name": "Anita"}), _anita), ["Anita"]),
    "upsert, nothing": (changed(_by_phone.on_conflict_do_nothing()), 0),
    # Text, Core, the driver
    "text": (text("SELECT count(*) FROM patients"), [4]),
    "Core update": (changed(update(TABLE).values(notes="x")), 4),
    "Core insert": (lambda s: s.connection().execute(insert(TABLE), [NEW]).rowcount, 1),
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
