# mypy: disable-error-code="func-returns-value"
"""What hostile code would try from a session of a clinic, by kind: each a name, and what is done with the session."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg2
from sqlalchemy import Connection, event, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached

from orchestrator_service.db.tenancy import ClinicSession, TenancyError
from tests.tenancy.clinics import NORTH, SOUTH, Appointment, Clinic, Person

Act = Callable[[Session], Any]
REFUSED = (SQLAlchemyError, psycopg2.Error, AsyncAdapt_asyncpg_dbapi.Error, TenancyError)
AS_IT_IS: Any = {"no_parameters": True}
AUTOCOMMIT: Any = {"isolation_level": "AUTOCOMMIT"}
READ = "SELECT notes FROM patients"
NAMED = """
patients
tenants
U&"\\0070atients"
patients TABLESAMPLE SYSTEM (100)
tenants RIGHT JOIN patients ON true
patients FULL JOIN appointments ON patient_id = patients.id
tenants, LATERAL (SELECT notes FROM patients WHERE tenant_id = tenants.id) AS p(found)
""".strip().splitlines()
READS = f"""
SELECT * FROM {{0}}
SELECT * FROM {{0}} WHERE {SOUTH} = {SOUTH}
SELECT (SELECT jsonb_agg(to_jsonb(q)) FROM (SELECT * FROM {{0}}) AS q)::text
SELECT string_agg(q::text, ',') FROM (SELECT * FROM {{0}}) AS q
WITH a AS MATERIALIZED (SELECT * FROM {{0}}) SELECT * FROM a
SELECT (q::text)::int FROM (SELECT * FROM {{0}}) AS q
SELECT format('%s', q) FROM (SELECT * FROM {{0}}) AS q WHERE format('%s', q) LIKE '%south%'
EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM {{0}} WHERE 1 = 1
SELECT q FROM (SELECT * FROM {{0}} LIMIT 9) AS q FOR SHARE
""".strip().splitlines()
WRITES = """
UPDATE patients SET notes = 'x' RETURNING *
UPDATE patients SET tenant_id = 3
UPDATE patients SET id = 1001 WHERE id = 11
UPDATE patients SET notes = o.notes FROM patients AS o RETURNING *
DELETE FROM patients USING tenants AS t RETURNING *
DELETE FROM patients WHERE tenant_id = 3
WITH gone AS (DELETE FROM patients RETURNING *) SELECT * FROM gone
TRUNCATE patients CASCADE
INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (3, 'x', 'x')
INSERT INTO patients (tenant_id, phone_number, first_name) SELECT id, 'y', 'y' FROM generate_series(1, 5) AS id
INSERT INTO patients (id, tenant_id, phone_number, first_name) VALUES (1001, 2, 'y', 'x') \
ON CONFLICT (id) DO UPDATE SET notes = 'x' RETURNING *
INSERT INTO appointments (patient_id, starts_at) VALUES (1001, now())
UPDATE appointments SET patient_id = 1001
DELETE FROM appointments RETURNING *
UPDATE tenants SET owner_email = 'x' RETURNING *
UPDATE tenants SET id = 77 WHERE id = 3
DELETE FROM tenants
""".strip().splitlines()
MORE_RIGHTS = """
SET ROLE NONE
SET SESSION AUTHORIZATION postgres
RESET ALL
SET row_security = off
SET session_replication_role = replica
SET app.tenant_id = ''
RESET app.tenant_id
SET search_path = ''
SAVEPOINT a; ROLLBACK TO a
ALTER TABLE patients DISABLE ROW LEVEL SECURITY
DROP POLICY tenant_rows_only ON patients
CREATE POLICY more ON patients USING (true)
GRANT TRUNCATE ON patients TO PUBLIC
ALTER ROLE CURRENT_USER BYPASSRLS
GRANT postgres TO CURRENT_USER
CREATE RULE r AS ON SELECT TO patients DO INSTEAD SELECT 1
CREATE TRIGGER t BEFORE INSERT ON patients EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE FUNCTION row_security_active(oid) RETURNS bool LANGUAGE sql AS 'SELECT true'
CREATE FUNCTION pg_temp.f() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT notes FROM public.patients'
CREATE TABLE mine AS SELECT * FROM patients
CREATE TEMP VIEW patients AS SELECT * FROM """.strip().splitlines()
SIDE_DOORS = """
SELECT query_to_xml('SELECT * FROM patients', true, false, '')::text
SELECT pg_read_file('base')
SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE tablename = 'patients'
SELECT stavalues1::text FROM pg_statistic
SELECT query FROM pg_stat_activity
SELECT * FROM ts_stat('SELECT to_tsvector(notes) FROM patients')
DO $$ BEGIN RAISE '%', (SELECT string_agg(notes, ',') FROM patients);END $$
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM patients
PREPARE s AS SELECT * FROM patients; EXECUTE s
MERGE INTO patients USING tenants ON true WHEN MATCHED THEN DELETE
COPY (SELECT * FROM patients) TO PROGRAM 'cat'
LOCK TABLE patients IN ACCESS EXCLUSIVE MODE
""".strip().splitlines()
BY_TEXT = ["COMMIT", "ROLLBACK", "ABORT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN"]


def rows(result: Any) -> list[Any]:
    return list(result) if getattr(result, "returns_rows", True) else []


def sql(statements: str, session: Session) -> list[Any]:
    """What the last gives back, each sent as it is: what is guaranteed is the server's."""
    connection = session.connection()
    sent = [connection.exec_driver_sql(one, execution_options=AS_IT_IS) for one in statements.split("; ")]
    return rows(sent[-1])


def _by_the_driver(session: Session) -> list[Any]:
    cursor = session.connection().connection.cursor()
    cursor.execute(READ)
    return [tuple(row) for row in cursor.fetchall()]


def _beside(other: Session | Connection) -> list[Any]:
    with other:
        return rows(other.execute(text(READ)))


def _in_autocommit(session: Session) -> None:
    driver: Any = session.connection().connection.dbapi_connection
    driver.rollback()
    driver.autocommit = True


def _foreign() -> Person:
    return Person(id=1001, tenant_id=SOUTH, notes="stolen")


def _detached(**values: Any) -> Person:
    made = Person(id=1001, **values)
    make_transient_to_detached(made)
    return made


def _expired(session: Session) -> Person:
    with ClinicSession(session.get_bind(), tenant_id=SOUTH) as other, other.begin():
        return other.get_one(Person, 1001)


def _on_one_connection(ended: str, session: Session) -> Any:
    session.execute(text(ended))
    with ClinicSession(session.connection(), tenant_id=SOUTH) as other:
        other.execute(text("SELECT 1"))
        return rows(session.execute(text(READ)))


def _back_to_before(session: Session) -> Any:
    """A savepoint of a connection that another clinic's session worked on, rolled back under one's own."""
    with session.get_bind().engine.connect() as connection:
        with ClinicSession(connection, tenant_id=SOUTH) as other:
            other.execute(text(READ))
            other.commit()
        savepoint = connection.begin_nested()
        own = ClinicSession(connection, tenant_id=NORTH, join_transaction_mode="rollback_only")
        own.execute(text(READ))
        savepoint.rollback()
        return rows(own.execute(text(READ)))


def _by_an_early_listener(session: Session) -> Any:
    found: list[Any] = []
    event.listen(session, "after_begin", lambda _s, _t, c: found.extend(c.scalars(text(READ))), insert=True)
    session.execute(text("SELECT 1"))
    return found


OBJECTS: dict[str, Act] = {
    "another's id": lambda s: s.get(Person, 1001),
    "another clinic": lambda s: s.get(Clinic, SOUTH),
    "added": lambda s: s.add(_foreign()),
    "added as True": lambda s: s.add(Person(phone_number="x", first_name="x", tenant_id=True)),
    "merged": lambda s: (s.merge(_foreign()), s.flush()),
    "merged, not loaded": lambda s: s.merge(_detached(tenant_id=SOUTH, notes="south"), load=False),
    "merged, of no clinic": lambda s: s.merge(_detached(notes="south"), load=False),
    "given away": lambda s: setattr(s.get_one(Person, 11), "tenant_id", SOUTH),
    "attached without its clinic": lambda s: (s.add(one := _detached()), one.notes),
    "of another, expired": lambda s: (s.add(one := _expired(s)), s.get(Person, 1001), one.notes),
    "of another, expired and changed": lambda s: (s.add(one := _expired(s)), setattr(one, "notes", "x")),
    "refreshed": lambda s: (s.add(one := _detached(tenant_id=NORTH)), s.refresh(one), one.notes),
    "changed": lambda s: (s.add(one := _detached(tenant_id=NORTH)), setattr(one, "notes", "x")),
    "a transient one": lambda s: (make_transient(one := s.get_one(Person, 11)), setattr(one, "id", 1001), s.add(one)),
    "by a relationship": lambda s: setattr(s.get_one(Person, 11), "clinic", Clinic(id=SOUTH)),
    "by a join": lambda s: rows(s.execute(select(Clinic, Person).join(Person, literal(True)))),
    "by what is not marked": lambda s: [a.person for a in s.scalars(select(Appointment))],
    "bulk insert": lambda s: s.execute(insert(Person), [{"tenant_id": SOUTH, "phone_number": "x", "first_name": "x"}]),
    "bulk update": lambda s: s.execute(update(Person), [{"id": 1001, "notes": "x"}]),
    "bulk_save_objects": lambda s: s.bulk_save_objects([_foreign()]),
    "update": lambda s: rows(s.execute(update(Person).values(notes="x").returning(Person))),
    "two clinics on one connection": partial(_on_one_connection, "SELECT 1"),
    "two of which one ended unseen": partial(_on_one_connection, "COMMIT AND CHAIN"),
    "a savepoint of before": _back_to_before,
    "an early listener": _by_an_early_listener,
    "with another bind": lambda s: rows(s.execute(text(READ), bind_arguments={"bind": s.get_bind().engine})),
    "in autocommit": lambda s: rows(s.connection(execution_options=AUTOCOMMIT).execute(text(READ))),
}
ENDINGS: dict[str, Act] = {
    "connection().rollback()": lambda s: s.connection().rollback(),
    "connection().commit()": lambda s: s.connection().commit(),
    "the driver's commit()": lambda s: s.connection().connection.commit(),
    "the driver's rollback()": lambda s: s.connection().connection.rollback(),
    "the driver in autocommit": _in_autocommit,
    "session.commit()": lambda s: s.commit(),
    "session.rollback()": lambda s: s.rollback(),
    "reset()": lambda s: s.reset(),
    "invalidate()": lambda s: s.connection().invalidate(),
    "detach()": lambda s: s.connection().detach(),
    "a rolled back savepoint": lambda s: s.begin_nested().rollback(),
    **{one: lambda s, one=one: s.execute(text(one)) for one in BY_TEXT},  # type: ignore[misc]
}
AFTERWARDS: dict[str, Act] = {
    "text": lambda s: rows(s.execute(text(READ))),
    "a query": lambda s: rows(s.scalars(select(Person))),
    "a change": lambda s: rows(s.execute(text("UPDATE patients SET notes = 'x' RETURNING notes"))),
    "the driver": _by_the_driver,
    "the same connection": lambda s: rows(s.connection().execute(text(READ))),
    "a plain session": lambda s: _beside(Session(s.get_bind())),
    "the engine": lambda s: _beside(s.get_bind().engine.connect()),
}


def _after(ending: Act, reading: Act, session: Session) -> Any:
    session.execute(text("SELECT 1"))
    ending(session)
    return reading(session)


def _all(statements: list[str], then: str = "") -> dict[str, Act]:
    return {one: partial(sql, one + then) for one in statements}


BY_KIND: dict[str, dict[str, Act]] = {
    "read": _all([how.format(name) for how in READS for name in NAMED]),
    "write": _all(WRITES),
    "more rights": _all(MORE_RIGHTS, f"; {READ}"),
    "more rights, kept": _all(MORE_RIGHTS, f"; COMMIT; BEGIN; {READ}"),
    "side door": _all(SIDE_DOORS),
    "object": OBJECTS,
    "after its transaction": {
        f"{end}, {name}": partial(_after, ending, reading)
        for end, ending in ENDINGS.items()
        for name, reading in AFTERWARDS.items()
    },
}
