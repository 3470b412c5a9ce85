"""What a clinic's backend does all day works, and answers for its clinic alone: Ana, Bruno, Carla and Dario.

A use is a line or two. A test is one session, and takes back what it did.
"""

# isort: skip_file
import io
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Engine, ForeignKey, Sequence, String, cast, delete, exists, func, insert, inspect, select, text,
    true, union_all, update,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    Mapped, Session, contains_eager, defer, joinedload, lazyload, load_only, mapped_column, selectinload,
    subqueryload, with_parent,
)  # fmt: skip

from orchestrator_service.db.models_dental import Patient, Tenant
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres.database import Database
from tests.tenancy.clinics import NORTH, OURS, Appointment, Clinic, Person

P = Patient
TABLE: Any = P.__table__
FOUR = [*OURS]
NEW = {"phone_number": "new", "first_name": "Eva"}
TWO = [{**NEW, "phone_number": "2"}, {**NEW, "phone_number": "3"}]
IDS = select(P.id).order_by(P.id)
ANA = select(P.first_name).where(P.id == 11)
RECENT = select(P.id).order_by(P.id.desc()).limit(2).cte("recent")
Count = Callable[[], Any]


class Referred(Person):
    """A marked model's child, in a table of its own."""

    __tablename__ = "referred"

    id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    referred_by: Mapped[str]


@pytest.fixture
def s(engine: Engine) -> Iterator[Session]:
    with ClinicSession(engine, tenant_id=NORTH) as session:
        yield session


@pytest.fixture
def count(s: Session) -> Count:
    return lambda: s.scalar(select(func.count()).select_from(P))


def test_reading(s: Session) -> None:
    assert [one.id for one in s.scalars(select(P).order_by(P.id))] == FOUR
    assert [one.id for one in s.query(P).filter_by(status="active").order_by(P.id)] == FOUR[:3]
    assert (s.get_one(P, 12).first_name, s.get(P, 1001)) == ("Bruno", None)
    assert s.get_one(P, 12, with_for_update=True).id == 12
    assert s.scalars(IDS.with_for_update(skip_locked=True).limit(1)).all() == [11]
    assert s.scalars(IDS.limit(2).offset(1)).all() == [12, 13]
    assert s.scalars(IDS.where(P.id > 12).limit(5)).all() == [13, 14]
    assert s.scalars(IDS.where(P.id.in_([11, 1001]))).all() == [11]
    assert s.execute(select(P.status, func.count()).group_by(P.status).order_by("status")).first() == ("active", 3)
    assert len(s.execute(union_all(select(P.id), select(P.id))).all()) == 8
    assert s.scalars(select(RECENT.c.id).order_by(RECENT.c.id)).all() == [13, 14]
    assert s.scalars(select(Tenant.id).where(exists().where(P.tenant_id == Tenant.id))).all() == [NORTH]
    assert s.scalars(select(Tenant.id).join(P, Tenant.id == P.tenant_id).where(P.id == 11)).all() == [NORTH]
    assert s.scalar(select(cast(5, String))) == "5"
    assert s.scalar(select(func.pg_try_advisory_xact_lock(4711))) is True
    last = select(Appointment.id).where(Appointment.patient_id == Person.id).limit(1).lateral("last")
    assert s.scalars(select(Person.id).join(last, true()).order_by(Person.id)).all() == FOUR
    assert [one.id for one in s.scalars(select(P).order_by(P.id).execution_options(yield_per=2))] == FOUR
    assert [len(part) for part in s.execute(IDS, execution_options={"yield_per": 3}).partitions()] == [3, 1]


def test_loading(s: Session) -> None:
    north = select(Clinic).execution_options(populate_existing=True)
    for option in (joinedload, selectinload, subqueryload, lazyload):
        assert [len(one.people) for one in s.scalars(north.options(option(Clinic.people))).unique()] == [4]
    joined = north.join(Clinic.people).options(contains_eager(Clinic.people))
    assert [len(one.people) for one in s.scalars(joined).unique()] == [4]
    assert {one.clinic.id for one in s.scalars(select(Person))} == {NORTH}
    assert s.scalars(select(Person.id).where(Person.appointments.any()).order_by(Person.id)).all() == FOUR
    assert len(s.scalars(select(Person).where(with_parent(s.get_one(Clinic, NORTH), Clinic.people))).all()) == 4
    assert all(one.person for one in s.scalars(select(Appointment)))
    assert s.scalars(select(P).options(load_only(P.status)).where(P.id == 12)).one().last_name == "Paz"
    assert s.scalars(select(P).options(defer(P.notes)).where(P.id == 11)).one().notes == "north 11"
    ana = s.get_one(Person, 11)
    for forget in (s.refresh, s.expire):
        forget(ana, ["notes"])
        assert ana.notes == "north 11"
    s.expire(ana)  # as a commit does
    s.expunge(ana)
    s.add(ana)
    again = pickle.loads(pickle.dumps(ana))
    s.expunge_all()
    s.add(again)
    assert (again.clinic.id, again.notes) == (NORTH, "north 11")


def test_writing_objects(s: Session, count: Count) -> None:
    s.add(eva := P(**NEW))
    assert eva.tenant_id == NORTH  # before the flush
    s.flush()
    assert eva.acquisition_source == "ORGANIC"
    s.add_all([P(phone_number=f"m{i}", first_name="M") for i in range(50)])
    assert count() == 55
    for notes in ("new", "newer"):
        eva.notes = notes
        s.flush()
        s.expire(eva)
        assert eva.notes == notes
    s.expire(eva)
    eva.notes = "of what was expired"
    s.delete(s.get_one(P, 12))
    merged = s.merge(P(id=11, notes="merged"))
    s.flush()
    assert (merged.first_name, merged.notes, count()) == ("Ana", "merged", 54)
    north = s.get_one(Clinic, NORTH)
    north.people.append(child := Person(phone_number="child", first_name="C"))
    s.flush()
    assert child.tenant_id == NORTH
    s.bulk_save_objects([P(phone_number="bulk", first_name="B")])
    assert count() == 56


def test_savepoints_and_errors(s: Session, count: Count) -> None:
    with s.begin_nested():
        s.add(P(**NEW))
    nested = s.begin_nested()
    s.add(P(phone_number="other", first_name="Eva"))
    s.flush()
    nested.rollback()
    taken = insert(P).values(phone_number="n11", first_name="taken")
    with pytest.raises(IntegrityError), s.begin_nested():
        s.execute(taken)
    assert count() == 5
    with pytest.raises(IntegrityError):
        s.execute(taken)
    s.rollback()
    assert count() == 4


def test_statements(s: Session, count: Count) -> None:
    assert s.scalars(insert(P).values(**NEW).returning(P.tenant_id)).all() == [NORTH]
    assert [one.tenant_id for one in s.scalars(insert(P).returning(P), TWO)] == [NORTH, NORTH]
    s.execute(insert(P).from_select(["phone_number", "first_name"], select(P.phone_number + "?", P.first_name)))
    s.execute(insert(P), [{"phone_number": f"+{i}", "first_name": "a"} for i in range(10_000)])
    assert count() == 10_014
    assert len(s.scalars(delete(P).where(P.id > 14).returning(P.id)).all()) == 10_010
    assert s.execute(update(P).where(P.id == 11).values(notes="x").returning(P.id, P.notes)).all() == [(11, "x")]
    assert len(s.scalars(update(P).values(status="seen").returning(P.id)).all()) == 4
    assert s.scalars(update(P).where(P.id.in_(select(RECENT.c.id))).values(notes="x").returning(P.id)).all() == [13, 14]
    s.execute(update(P), [{"id": 11, "notes": "a"}, {"id": 12, "notes": "b"}])
    assert s.scalars(select(P.notes).where(P.id < 13).order_by(P.id)).all() == ["a", "b"]
    assert s.scalars(update(Tenant).values(clinic_website="https://a.example").returning(Tenant.id)).all() == [NORTH]
    given = upsert(P).values(phone_number="n11", first_name="Anita")
    s.execute(given.on_conflict_do_nothing())
    assert s.scalar(ANA) == "Ana"
    keys = ["tenant_id", "phone_number"]
    s.execute(given.on_conflict_do_update(index_elements=keys, set_={"first_name": given.excluded.first_name}))
    assert s.scalar(ANA) == "Anita"
    s.execute(delete(P))
    assert count() == 0


def test_text_core_and_driver(s: Session) -> None:
    connection = s.connection()
    cursor: Any = connection.connection.cursor()
    assert s.scalar(text("SELECT count(*) FROM patients WHERE id < :most"), {"most": 13}) == 2
    assert connection.execute(insert(TABLE), [NEW]).rowcount == 1
    assert connection.execute(update(TABLE).values(notes="x")).rowcount == 5
    assert connection.execute(delete(TABLE).where(TABLE.c.phone_number == "new")).rowcount == 1
    assert len(s.scalars(IDS.execution_options(schema_translate_map={None: "public"})).all()) == 4
    cursor.execute("SELECT first_name FROM patients WHERE id = %s", (12,))
    assert cursor.fetchone() == ("Bruno",)
    cursor.copy_expert("COPY (SELECT first_name FROM patients ORDER BY id) TO STDOUT", out := io.StringIO())
    assert out.getvalue().split() == ["Ana", "Bruno", "Carla", "Dario"]
    assert s.scalar(Sequence("patients_id_seq")) > 0
    s.execute(text("SET LOCAL statement_timeout = '5s'; SET LOCAL enable_seqscan = off"))
    assert s.scalar(text("SHOW statement_timeout")) == "5s"
    s.execute(text("CREATE TEMP TABLE few ON COMMIT DROP AS SELECT id FROM patients"))
    assert s.scalar(text("SELECT count(*) FROM few")) == 4
    s.execute(text("DECLARE part CURSOR FOR SELECT id FROM patients ORDER BY id"))
    assert s.scalars(text("FETCH 2 FROM part")).all() == [11, 12]
    plan = s.scalars(text("EXPLAIN (COSTS off) SELECT 1 FROM patients")).all()
    assert any("Index Cond: (tenant_id =" in line for line in plan)
    assert {"id", "tenant_id"} < {one["name"] for one in inspect(connection).get_columns("patients")}


def test_beginning_and_ending(s: Session) -> None:
    for end in (s.commit, s.rollback, s.close, s.reset, s.invalidate):
        assert s.scalars(IDS).all() == FOUR
        end()
    s.connection(execution_options={"isolation_level": "SERIALIZABLE"})
    assert s.scalar(text("SHOW transaction_isolation")) == "serializable"
    assert s.scalars(IDS).all() == FOUR


def test_joined_table_inheritance_of_a_marked_model(own_clinics: Database, own_engine: Engine) -> None:
    with own_clinics.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE referred (id int PRIMARY KEY REFERENCES patients, referred_by text)")
        admin.exec_driver_sql("GRANT ALL ON referred TO orchestrator_tenant")
    with ClinicSession(own_engine, tenant_id=NORTH) as session:
        session.add(Referred(phone_number="r", first_name="Rita", referred_by="Ana"))
        session.commit()
        assert session.scalars(select(Referred)).one().tenant_id == NORTH
