"""Strategies for what is done with a session that is more than one statement."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import DDL, Engine, column, insert, select, text, update
from sqlalchemy.orm import Session, make_transient_to_detached

from orchestrator_service.db.models_dental import Patient
from tests.tenancy.models import Appointment, Clinic, Person
from tests.tenancy.queries import IDS, TABLE
from tests.tenancy.two_clinics import NORTH, SOUTH, THEIRS

Act = Callable[[Session], Any]
PATIENTS = "SELECT id, tenant_id, phone_number, first_name, notes FROM patients"
CHANGE: Any = DDL("UPDATE patients SET notes = 'changed'")  # type: ignore[no-untyped-call]
TENANTS = st.sampled_from([NORTH, SOUTH, None, True, "3"])


def rows(result: Any) -> list[Any]:
    """Whatever a result gives back."""
    return list(result.all()) if getattr(result, "returns_rows", True) else []


def _new(number: int, **values: Any) -> Person:
    return Person(phone_number=f"added {number}", first_name="new", **values)


def _foreigner(number: int) -> Person:
    person = Person(id=number, tenant_id=SOUTH, phone_number="x", first_name="south", notes="south")
    make_transient_to_detached(person)
    return person


def _anew(session: Session, how: Callable[[Person], None]) -> list[str | None]:
    """Every patient's notes, read again after expiring or refreshing the patient."""
    people = session.scalars(select(Person)).all()
    for person in people:
        how(person)
    return [person.notes for person in people]


@st.composite
def reads(draw: st.DrawFn) -> Any:
    """One row by its key, from the database or from what the session already holds."""
    number, tenant = draw(IDS), draw(st.sampled_from([NORTH, SOUTH]))
    ways: list[Act] = [
            lambda s: [s.get(Person, number)],
            lambda s: [s.get(Patient, number), s.get(Person, {"id": number}, populate_existing=True)],
            lambda s: [s.get(Clinic, tenant)],
            lambda s: s.query(Person).filter(Person.id == number).all(),
            lambda s: _anew(s, s.expire),
            lambda s: _anew(s, s.refresh),
            lambda s: [row for part in s.execute(select(Person.notes), execution_options={"yield_per": 2}).partitions()
                       for row in part],
            lambda s: [person for clinic in s.scalars(select(Clinic)) for person in clinic.people],
            lambda s: [visit.person for visit in s.scalars(select(Appointment))],
            lambda s: s.begin_nested() and rows(s.execute(select(Person).where(Person.id >= number))),
    ]  # fmt: skip
    return draw(st.sampled_from(ways))


@st.composite
def objects(draw: st.DrawFn) -> Any:
    """Objects added, merged, changed, moved: flushed, and looked up again."""
    number, tenant = draw(st.sampled_from(THEIRS)), draw(TENANTS)

    def change(s: Session, after_add: bool) -> list[Any]:
        s.get_one(Clinic, NORTH).owner_email = "changed"
        person = _new(1) if after_add else _new(1, tenant_id=tenant)
        s.add(person)
        if after_add:
            person.tenant_id = tenant  # type: ignore[assignment]
        s.flush()
        return [person]

    def move(s: Session) -> list[Any]:
        people = s.scalars(select(Person)).all()
        s.get_one(Clinic, NORTH).owner_email = "changed"
        for person in people:
            person.tenant_id = SOUTH
        s.flush()
        return []

    def hold(s: Session, how: Callable[[Person], Any]) -> list[Any]:
        how(_foreigner(number))
        return [s.get(Person, number)]

    def reassign(s: Session) -> list[Any]:
        person = _new(2, clinic=s.get_one(Clinic, SOUTH))
        s.add(person)
        s.flush()
        return [person]

    def drop_the_clinic(s: Session) -> list[Any]:
        s.delete(s.get_one(Clinic, SOUTH))
        s.flush()
        return []

    ways: list[Act] = [
            drop_the_clinic, lambda s: change(s, True), lambda s: change(s, False), move, reassign,
            lambda s: hold(s, s.add), lambda s: hold(s, s.merge), lambda s: hold(s, lambda p: s.merge(p, load=False)),
            lambda s: hold(s, s.delete),
    ]  # fmt: skip
    return draw(st.sampled_from(ways))


@st.composite
def bulks(draw: st.DrawFn) -> Any:
    """Many rows at once, past the unit of work."""
    tenants, number = draw(st.lists(TENANTS, min_size=1, max_size=3)), draw(IDS)
    new = [{"phone_number": f"bulk {i}", "first_name": "n", "tenant_id": t} for i, t in enumerate(tenants)]
    bare = [{key: value for key, value in row.items() if key != "tenant_id"} for row in new]
    changed = [{"id": number, "tenant_id": tenant, "notes": "changed"} for tenant in (NORTH, SOUTH)]
    ways: list[Act] = [
            lambda s: rows(s.execute(insert(Person).returning(Person), new)),
            lambda s: rows(s.execute(insert(Person).returning(Person), bare)),
            lambda s: rows(s.execute(insert(TABLE), new)),
            lambda s: rows(s.connection().execute(insert(TABLE), new)),
            lambda s: rows(s.execute(update(Person), changed[: 1 + number % 2])),
            lambda s: s.bulk_insert_mappings(Person, new),
            lambda s: s.bulk_update_mappings(Person, changed[1:]),
            lambda s: s.bulk_save_objects([_new(i, tenant_id=t) for i, t in enumerate(tenants)]),
    ]  # fmt: skip
    return draw(st.sampled_from(ways))


def texts(engine: Engine) -> st.SearchStrategy[Act]:
    """SQL text, by every way it can be handed to a session, and what belongs to the driver alone."""
    ways: list[Act] = [
        lambda s: rows(s.execute(text(PATIENTS))),
        lambda s: rows(s.execute(text(PATIENTS), bind_arguments={"bind": engine})),
        lambda s: rows(s.connection().execute(text(PATIENTS))),
        lambda s: rows(s.connection(bind_arguments={"bind": engine}).execute(text(PATIENTS))),
        lambda s: rows(s.connection().exec_driver_sql(PATIENTS)),
        lambda s: rows(s.scalars(select(Person).from_statement(text(PATIENTS)))),
        lambda s: rows(s.execute(text(PATIENTS).columns(TABLE.c.id))),
        lambda s: rows(s.execute(select(text(PATIENTS).columns(column("notes")).subquery()))),
        lambda s: s.query(Person).from_statement(text(PATIENTS)).all(),
        lambda s: rows(s.connection().execute(CHANGE)),
        lambda s: rows(s.execute(text("SELECT count(*) FROM patients"))),
        lambda s: rows(s.execute(text("TABLE patients"))),
        lambda s: rows(s.execute(text('SELECT notes FROM U&"\\0070atients"'))),
        lambda s: rows(s.execute(text("SELECT notes FROM ONLY (public.patients)"))),
        lambda s: rows(s.execute(text("DELETE FROM patients RETURNING notes"))),
        lambda s: rows(s.execute(text("UPDATE patients SET notes = 'x', tenant_id = 3"))),
        lambda s: rows(s.execute(text("TRUNCATE patients CASCADE"))),
        lambda s: rows(s.execute(text("SELECT notes FROM everybody"))),
        lambda s: rows(s.execute(text("INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (3, 'x', 'x')"))),  # noqa: E501
        lambda s: rows(s.execute(text("SELECT owner_email FROM tenants"))),
        lambda s: rows(s.execute(text("WITH a AS MATERIALIZED (SELECT * FROM patients) SELECT notes FROM a"))),
        lambda s: rows(s.execute(text("SELECT CASE WHEN false THEN 1 END, notes FROM patients WHERE notes ~ 'o'"))),
        lambda s: _through_the_driver(s, PATIENTS),
        lambda s: _through_the_driver(s, "UPDATE patients SET notes = 'x' RETURNING notes"),
        lambda s: _after(s, "COMMIT", PATIENTS), lambda s: _after(s, "ROLLBACK", PATIENTS),
        lambda s: _after(s, "END", PATIENTS), lambda s: _after(s, "ABORT", "UPDATE patients SET notes = 'x' RETURNING notes"),  # noqa: E501
    ]  # fmt: skip
    return st.sampled_from(ways)


def _through_the_driver(session: Session, sql: str) -> list[Any]:
    cursor = session.connection().connection.cursor()
    cursor.execute(sql)
    return list(cursor.fetchall())


def _after(session: Session, ending: str, sql: str) -> list[Any]:
    """Text that ends the transaction, and text after it."""
    session.execute(text(ending))
    try:
        return rows(session.execute(text(sql)))
    finally:
        session.rollback()
