"""02_tenant_isolation.sql, its way back and its query of what no policy closes, where no scenario looks."""

import pytest
from sqlalchemy import text

from steps.support.postgres import psql
from steps.support.postgres.database import Database
from tests.script.shapes import rows
from tests.tenancy.clinics import DOWN, ROLE, SCRIPT

STATE = """
SELECT relname, relrowsecurity, coalesce(relacl::text ~ 'orchestrator', false), (
         SELECT array_agg(format('%s %s', polname, pg_get_expr(polqual, polrelid)) ORDER BY polname)
           FROM pg_policy WHERE polrelid = c.oid)
  FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') ORDER BY 1
"""
TURNED = {  # what was changed by hand, and the statement that brings it back
    "a grant that goes past policies": (f"GRANT ALL ON patients TO {ROLE}", "REVOKE ALL ON public.patients"),
    "a policy that lets through": (
        "ALTER POLICY tenant_rows_only ON tenants USING (true)",
        "DROP POLICY tenant_rows_only",
    ),
    "a policy for reading alone": (
        f"DROP POLICY tenant_rows ON patients; CREATE POLICY tenant_rows ON patients FOR SELECT TO {ROLE} USING (true)",
        "CREATE POLICY tenant_rows ON public.patients",
    ),
    "another column of a wide table": (
        f"ALTER TABLE patients {', '.join(f'ADD c{n} bool' for n in range(40))}; "
        "ALTER POLICY tenant_rows ON patients USING (c39)",
        "DROP POLICY tenant_rows",
    ),
    "row security": ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "ALTER TABLE public.patients ENABLE ROW"),
    "a new table": (
        "CREATE TABLE invoices (id serial, tenant_id int)",
        "GRANT USAGE ON SEQUENCE public.invoices_id_seq",
    ),
}
PAST = {  # what no policy closes, and what is said of it
    f"ALTER ROLE {ROLE} LOGIN": f"role {ROLE}",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "SELECT 1": "REVOKE TEMP ON DATABASE",
    "GRANT TRUNCATE ON patients TO PUBLIC": "REVOKE TRUNCATE ON patients FROM PUBLIC",
    f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {ROLE}": "default privileges of postgres",
    f"CREATE VIEW v AS TABLE patients; GRANT SELECT ON v TO {ROLE}": f"REVOKE ALL ON v FROM {ROLE}",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": "REVOKE EXECUTE ON FUNCTION f()",
    "CREATE RULE r AS ON DELETE TO patients DO ALSO NOTHING": "rule r on patients",
}


def _state(database: Database) -> list[object]:
    with database.connect() as admin:
        return [tuple(row) for row in admin.execute(text(STATE))]


def _by_hand(database: Database, sql: str) -> None:
    with database.connect() as admin:
        admin.exec_driver_sql(sql)


def test_policies_that_are_out_of_force_stay_what_they_are(lived: Database) -> None:
    """A restrictive one would take rows from others: it is named. To any other, rows_as_before adds what they saw."""
    _by_hand(lived, "CREATE POLICY dormant ON patients AS RESTRICTIVE USING (true)")
    before = _state(lived)
    outcome = psql.run_file(lived, SCRIPT)
    said = "public.patients: row security is off, and policy dormant is RESTRICTIVE"
    assert (outcome.sqlstate, said in outcome.detail, _state(lived)) == ("42P17", True, before), outcome
    _by_hand(
        lived,
        "CREATE ROLE owning; GRANT ALL ON SCHEMA public TO owning; ALTER TABLE patients OWNER TO owning; "
        "DROP POLICY dormant ON patients; CREATE POLICY dormant ON patients USING (false); "
        "ALTER TABLE patients FORCE ROW LEVEL SECURITY",
    )
    seen = "SET ROLE owning; SELECT count(*) FROM patients"
    try:
        counted = rows(lived, seen)
        assert psql.run_file(lived, SCRIPT).succeeded
        assert rows(lived, seen) == counted != [(0,)]
    finally:
        _by_hand(lived, "REASSIGN OWNED BY owning TO CURRENT_USER; DROP OWNED BY owning; DROP ROLE owning")


@pytest.mark.parametrize("what", TURNED)
def test_what_was_changed_by_hand_is_named_and_brought_back(own_clinics: Database, what: str) -> None:
    sql, statement = TURNED[what]
    _by_hand(own_clinics, sql)
    before = _state(own_clinics)
    assert statement in psql.run_file(own_clinics, SCRIPT, {"migration.ask": "yes"}).notices[-1]
    assert statement in psql.run_file(own_clinics, SCRIPT, {"migration.verify": "yes"}).detail
    assert _state(own_clinics) == before
    assert psql.run_file(own_clinics, SCRIPT).succeeded
    assert psql.run_file(own_clinics, SCRIPT, {"migration.verify": "yes"}).succeeded


@pytest.mark.parametrize("what", PAST)
def test_what_no_policy_closes_is_listed(own_clinics: Database, what: str) -> None:
    _by_hand(own_clinics, what)
    try:
        with own_clinics.connect() as admin:
            look = SCRIPT.with_name("02_tenant_isolation_look.sql").read_text(encoding="utf-8")
            found = [" ".join(row) for row in admin.exec_driver_sql(look.replace("%", "%%"), ())]
    finally:
        _by_hand(own_clinics, f"ALTER ROLE {ROLE} NOLOGIN")
    assert [one for one in found if PAST[what] in one], found


def test_the_way_back_is_refused_while_a_login_is_a_member_and_leaves_nothing(lived: Database) -> None:
    before = _state(lived)
    assert psql.run_file(lived, SCRIPT).succeeded
    _by_hand(lived, f"CREATE ROLE at_work; GRANT {ROLE} TO at_work")
    try:
        refused = psql.run_file(lived, DOWN)
        assert (refused.sqlstate, "at_work" in refused.detail) == ("2BP01", True), refused
        assert psql.run_file(lived, DOWN, {"migration.drop_isolation": "yes"}).succeeded
    finally:
        _by_hand(lived, "DROP ROLE at_work")
    assert psql.run_file(lived, DOWN).notices[-1].endswith("nothing to do")
    assert _state(lived) == before
