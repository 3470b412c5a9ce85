"""What a clinic's session refuses, and how it begins."""

from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from orchestrator_service.db.base import Base
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.storable import UnstorableValueError
from orchestrator_service.db.tenancy import (
    ClinicSession,
    CrossTenantError,
    InvalidClinicError,
    NotIsolatedError,
    TenantOwned,
)
from steps.support.postgres.database import Database
from tests.tenancy.clinics import LOGIN, NORTH, ROLE, SOUTH, Person

NOT_KEPT = {
    "a policy dropped": "DROP POLICY tenant_rows_only ON patients",
    "a policy changed": "ALTER POLICY tenant_rows_only ON patients USING (true)",
    "a policy for another role": "ALTER POLICY tenant_rows_only ON patients TO pg_monitor",
    "row security off": "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
    "a login that owns the table": f"ALTER TABLE patients OWNER TO {LOGIN}",
    "a login past policies": f"ALTER ROLE {LOGIN} BYPASSRLS",
    "a login that may be the owner": f"GRANT postgres TO {LOGIN}",
    "a login with rights of its own": f"REVOKE {ROLE} FROM {LOGIN}; GRANT SELECT ON patients, tenants TO {LOGIN}",
}
MENDED = f"""
ALTER TABLE patients OWNER TO CURRENT_USER; REVOKE ALL ON patients, tenants FROM {LOGIN};
ALTER ROLE {LOGIN} NOBYPASSRLS; REVOKE postgres FROM {LOGIN}; GRANT {ROLE} TO {LOGIN}
"""
BAD: list[Any] = ["an\0uncio", "a\ud83e", 120208466731140456, 1.2e17, True]


@pytest.mark.parametrize("how", NOT_KEPT)
def test_it_begins_no_more_where_postgres_would_not_keep_it(
    own_clinics: Database, own_engine: Engine, how: str
) -> None:
    with ClinicSession(own_engine, tenant_id=NORTH) as session, own_clinics.connect() as admin:
        session.execute(text("SELECT 1"))
        session.rollback()
        try:
            admin.exec_driver_sql(NOT_KEPT[how])
            for _ in range(2):  # a second try does not go on with the transaction that was refused
                with pytest.raises(NotIsolatedError, match="nothing but GRANT orchestrator_tenant") as refusal:
                    session.scalars(text("SELECT notes FROM patients"))
                assert "\n" not in str(refusal.value)
                session.rollback()
        finally:
            admin.exec_driver_sql(MENDED)


def test_a_new_table_without_policies_is_noticed_by_the_next_connection(
    own_clinics: Database, own_engine: Engine
) -> None:
    with own_clinics.connect() as admin:
        admin.exec_driver_sql(f"CREATE TABLE invoices (tenant_id int); GRANT SELECT ON invoices TO {ROLE}")
    with ClinicSession(own_engine, tenant_id=NORTH) as session, pytest.raises(NotIsolatedError, match="invoices"):
        session.execute(text("SELECT 1"))


def test_neither_the_owner_nor_autocommit(clinics: Database, engine: Engine) -> None:
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    for unfit, said in ((create_engine(clinics.url), "it may work as"), (at_once, "AUTOCOMMIT")):
        with ClinicSession(unfit, tenant_id=NORTH) as session, pytest.raises(NotIsolatedError, match=said):
            session.execute(text("SELECT 1"))


@pytest.mark.parametrize("wrong", [None, 0, -1, "2", True, 2.0, 2**31])
def test_a_tenant_id_that_is_no_number_of_a_clinic(engine: Engine, wrong: Any) -> None:
    with pytest.raises(InvalidClinicError, match="positive int"):
        ClinicSession(engine, tenant_id=wrong)


def test_it_begins_in_one_round_trip(engine: Engine) -> None:
    sent: list[str] = []
    with ClinicSession(engine, tenant_id=NORTH) as session:
        session.scalar(text("SELECT 1"))
    event.listen(engine, "after_cursor_execute", lambda *args: sent.append(args[2]))
    with ClinicSession(engine, tenant_id=SOUTH) as session:
        session.scalar(text("SELECT 1"))
    assert ["set_config" in sql for sql in sent] == [True, False]


def test_nothing_of_a_refused_flush_is_sent(engine: Engine) -> None:
    with ClinicSession(engine, tenant_id=NORTH) as session:
        own = session.get_one(Person, 11)
        session.add(Person(phone_number="1", first_name="a"))
        own.tenant_id = SOUTH
        with pytest.raises(CrossTenantError, match="nothing was written"):
            session.flush()
        assert session.connection().scalar(text("SELECT count(*) FROM patients")) == 4


@pytest.mark.parametrize("value", BAD, ids=range(len(BAD)))
def test_attribution_that_cannot_be_stored_is_refused_as_it_is_set(value: Any) -> None:
    for name in ("acquisition_source", "meta_campaign_id", "meta_ad_id", "meta_ad_headline", "meta_ad_body"):
        with pytest.raises(UnstorableValueError, match=name) as refusal:
            Patient(**{name: value})
        assert str(value) not in str(refusal.value)


def test_every_model_with_tenant_id_has_the_mark() -> None:
    unmarked = [one.class_ for one in Base.registry.mappers if "tenant_id" in one.columns]
    assert [one for one in unmarked if not issubclass(one, TenantOwned)] == []
