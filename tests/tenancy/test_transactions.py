"""Whatever ends a transaction, nothing of the clinic is left on its connection, and nothing happens outside it."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, PendingRollbackError
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import (
    AllClinicsSession,
    ClinicSession,
    CrossTenantError,
    NotIsolatedError,
    RefusedStatementError,
)
from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.postgres.database import Database
from tests.tenancy.two_clinics import NORTH, OURS, SOUTH, THEIRS

LEFT = text("SELECT current_setting('role'), coalesce(current_setting('app.tenant_id', true), '')")
IDS = select(Patient.id).order_by(Patient.id)
CLEAN = ("none", "")


@pytest.fixture
def one(clinics: Database) -> Iterator[Engine]:
    """An engine with one server connection in all."""
    engine = create_engine(clinics.url, pool_size=1, max_overflow=0)
    yield engine
    engine.dispose()


def _left_on(engine: Engine) -> tuple[str, str]:
    with engine.connect() as connection:
        role, tenant = connection.execute(LEFT).one()
        return role, tenant


def _commit(session: Session) -> None:
    session.commit()


def _fail(session: Session) -> None:
    with pytest.raises(DBAPIError):
        session.execute(text("SELECT 1 / 0"))


def _fail_and_go_on(session: Session) -> None:
    _fail(session)
    with pytest.raises(InternalError, match="aborted"):
        session.execute(IDS)
    session.rollback()
    assert session.scalars(IDS).all() == list(OURS)


def _invalidate(session: Session) -> None:
    session.connection().invalidate()


def _fail_in_a_savepoint(session: Session) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("SELECT 1 / 0"))
    assert session.scalars(IDS).all() == list(OURS)
    assert session.execute(LEFT).one() == (ROLE, str(NORTH))


@pytest.mark.parametrize(
    "end", [_commit, Session.rollback, Session.close, _fail, _fail_and_go_on, _invalidate, _fail_in_a_savepoint]
)
def test_nothing_is_left(one: Engine, end: Any) -> None:
    with ClinicSession(one, tenant_id=NORTH) as session:
        assert session.execute(LEFT).one() == (ROLE, str(NORTH))
        end(session)
    assert _left_on(one) == CLEAN
    with ClinicSession(one, tenant_id=SOUTH) as session:
        assert session.scalars(IDS).all() == list(THEIRS)


def test_a_second_transaction_of_a_session_is_the_clinics_too(one: Engine) -> None:
    with ClinicSession(one, tenant_id=NORTH) as session:
        for end in (session.commit, session.rollback, session.close) * 2:
            assert session.execute(text("SELECT id FROM patients ORDER BY id")).scalars().all() == list(OURS)
            end()


def test_a_killed_connection(one: Engine, engine: Engine) -> None:
    with ClinicSession(one, tenant_id=NORTH) as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as admin:
            admin.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises((OperationalError, RefusedStatementError)):
            session.execute(text("SELECT * FROM patients")).all()
        session.rollback()
        assert session.execute(text("SELECT id FROM patients ORDER BY id")).scalars().all() == list(OURS)
    assert _left_on(one) == CLEAN


@pytest.mark.parametrize(
    "ending", ["COMMIT", "ROLLBACK", "END", "ABORT", "commit /* now */", "DO $$ BEGIN COMMIT; END $$"]
)
def test_text_that_ends_the_transaction_is_the_sessions_last(one: Engine, ending: str) -> None:
    with ClinicSession(one, tenant_id=NORTH) as session:
        try:
            session.execute(text(ending))
        except DBAPIError:
            assert ending.startswith("DO")  # the server does not let it
            return
        for again in (lambda: session.scalars(select(Patient)), lambda: session.execute(text("DELETE FROM patients"))):
            with pytest.raises(RefusedStatementError, match=r"session\.commit"):
                again()
        session.rollback()
        assert session.scalars(IDS).all() == list(OURS)


def test_an_engine_in_autocommit_is_refused(clinics: Database, one: Engine) -> None:
    engine = create_engine(clinics.url, isolation_level="AUTOCOMMIT")
    with ClinicSession(engine, tenant_id=NORTH) as session, pytest.raises(NotIsolatedError, match="AUTOCOMMIT"):
        session.scalars(IDS).all()
    engine.dispose()
    with ClinicSession(one, tenant_id=NORTH) as session, pytest.raises(NotIsolatedError, match="AUTOCOMMIT"):
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    assert _left_on(one) == CLEAN


def test_two_phases(clinics: Database) -> None:
    engine = create_engine(clinics.url, pool_size=1, max_overflow=0)
    for finish in (Session.commit, Session.rollback):
        with ClinicSession(engine, tenant_id=NORTH, twophase=True) as session:
            session.add(patient := Patient(phone_number="two phases", first_name="Eva"))
            session.flush()
            number = patient.id
            session.prepare()
            finish(session)
            assert bool(session.get(Patient, number)) == (finish is Session.commit)
            if finish is Session.commit:
                session.delete(session.get_one(Patient, number))
            session.commit()
        assert _left_on(engine) == CLEAN
    engine.dispose()


def test_tables_that_are_elsewhere_are_asked_about_where_they_are(own_clinics: Database) -> None:
    with own_clinics.connect() as admin:
        admin.exec_driver_sql("CREATE SCHEMA other; CREATE TABLE other.patients AS TABLE patients")
        admin.exec_driver_sql(f"GRANT USAGE ON SCHEMA other TO {ROLE}; GRANT SELECT ON other.patients TO {ROLE}")
    engine = create_engine(own_clinics.url, execution_options={"schema_translate_map": {None: "other"}})
    with ClinicSession(engine, tenant_id=NORTH) as session, pytest.raises(NotIsolatedError, match=r"other\.patients"):
        session.execute(text("SELECT * FROM other.patients"))
    engine.dispose()


def test_every_bind_of_a_session_is_kept(clinics: Database, one: Engine) -> None:
    other = create_engine(clinics.url)
    with ClinicSession(one, tenant_id=NORTH, binds={Patient: other}) as session:
        assert session.scalars(IDS).all() == list(OURS)
        for bind in (one, other):
            found = session.execute(text("SELECT id FROM patients ORDER BY id"), bind_arguments={"bind": bind})
            assert found.scalars().all() == list(OURS)
    other.dispose()


def test_a_connection_of_ones_own_and_its_transaction(one: Engine) -> None:
    with one.connect() as connection:
        with ClinicSession(connection, tenant_id=NORTH) as session:
            assert session.scalars(IDS).all() == list(OURS)
            session.commit()
        assert connection.execute(LEFT).one() == CLEAN
        connection.rollback()
        with ClinicSession(connection, tenant_id=SOUTH) as session:
            assert session.scalars(IDS).all() == list(THEIRS)


@pytest.mark.parametrize("mode", ["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"])
def test_a_transaction_begun_by_others_becomes_one_clinics(one: Engine, mode: str) -> None:
    # What is refused loses the connection, and with it the transaction around it.
    with suppress(PendingRollbackError), one.connect() as connection, connection.begin() as outer:
        for end in (Session.commit, Session.rollback):
            with ClinicSession(connection, tenant_id=NORTH, join_transaction_mode=mode) as session:
                assert session.execute(text("SELECT id FROM patients ORDER BY id")).scalars().all() == list(OURS)
                end(session)
            if not outer.is_active:
                return
        for stranger in (ClinicSession(connection, tenant_id=SOUTH), AllClinicsSession(connection)):
            with pytest.raises(CrossTenantError, match=f"works for clinic {NORTH}"):
                stranger.execute(text("SELECT 1"))
            assert connection.invalidated
            return


@pytest.mark.parametrize("mode", ["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"])
def test_a_savepoint_from_before_takes_the_role_with_it_and_it_is_taken_again(one: Engine, mode: str) -> None:
    ids = text("SELECT id FROM patients ORDER BY id")
    with one.connect() as connection, suppress(PendingRollbackError), connection.begin():
        before = connection.begin_nested()
        with suppress(DBAPIError), ClinicSession(connection, tenant_id=NORTH, join_transaction_mode=mode) as session:
            assert session.execute(ids).scalars().all() == list(OURS)
            before.rollback()
            for _ in range(2):
                assert session.execute(ids).scalars().all() == list(OURS)
                assert session.execute(LEFT).one() == (ROLE, str(NORTH))
    assert _left_on(one) == CLEAN


def test_a_transaction_is_the_clinics_to_its_end_whatever_savepoints_are_taken_back(one: Engine) -> None:
    with suppress(PendingRollbackError), one.connect() as connection, connection.begin():
        session = ClinicSession(connection, tenant_id=NORTH, join_transaction_mode="create_savepoint")
        for _ in range(2):
            assert session.scalars(IDS).all() == list(OURS)
            session.rollback()
        session.close()
        assert connection.execute(LEFT).one() == (ROLE, str(NORTH))
        with pytest.raises(CrossTenantError):
            ClinicSession(connection, tenant_id=SOUTH).execute(IDS)
    assert _left_on(one) == CLEAN


def test_two_clinics_at_once_in_threads(clinics: Database) -> None:
    engine = create_engine(clinics.url, pool_size=2, max_overflow=0)
    wrong: list[Any] = []

    def work(tenant: int, ids: range) -> None:
        for _ in range(30):
            with ClinicSession(engine, tenant_id=tenant) as session:
                found = session.execute(text("SELECT id FROM patients ORDER BY id")).scalars().all()
                if found != list(ids):
                    wrong.append((tenant, found))

    threads = [threading.Thread(target=work, args=who) for who in ((NORTH, OURS), (SOUTH, THEIRS)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert wrong == []


def test_others_of_the_same_engine_see_what_they_did(one: Engine) -> None:
    with ClinicSession(one, tenant_id=NORTH) as session:
        session.scalars(IDS).all()
    noted: list[str] = []

    def note(_c: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        noted.append(sql)

    event.listen(one, "before_cursor_execute", note)
    with Session(one) as plain:
        assert len(plain.scalars(select(Patient)).all()) == 8
        assert plain.scalar(text("SELECT count(*) FROM patients WHERE notes = '%'")) == 0
    assert len(noted) == 2
