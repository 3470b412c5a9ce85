"""02_tenant_isolation.sql, its way back and its query of what no policy closes, where no scenario looks."""

import pytest

from steps.support.postgres import psql
from steps.support.postgres.database import Database
from tests.script.shapes import build, rows
from tests.tenancy.clinics import DOWN, ROLE, SCRIPT

LOOK = SCRIPT.with_name("02_tenant_isolation_look.sql")
STATE = """
SELECT relname, relrowsecurity, coalesce(relacl::text ~ 'orchestrator', false), (
         SELECT array_agg(format('%s %s', polname, pg_get_expr(polqual, polrelid)) ORDER BY polname)
           FROM pg_policy WHERE polrelid = c.oid)
  FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') ORDER BY 1
"""
TURNED = {  # what was changed by hand, and the statement that brings it back
    f"GRANT ALL ON patients TO {ROLE}": "REVOKE ALL ON public.patients",  # TRUNCATE goes past policies
    "ALTER POLICY tenant_rows_only ON tenants USING (true)": "DROP POLICY tenant_rows_only",
    "DROP POLICY tenant_rows ON patients; "
    f"CREATE POLICY tenant_rows ON patients FOR SELECT TO {ROLE} USING (true)": "CREATE POLICY tenant_rows ON public.p",
    f"ALTER TABLE patients {', '.join(f'ADD c{n} bool' for n in range(40))}; "
    "ALTER POLICY tenant_rows ON patients USING (c39)": "DROP POLICY tenant_rows",  # pg_class has fewer columns
    "ALTER TABLE patients DISABLE ROW LEVEL SECURITY": "ALTER TABLE public.patients ENABLE ROW",
    "CREATE TABLE invoices (id serial, tenant_id int)": "GRANT USAGE ON SEQUENCE public.invoices_id_seq",
}
PAST = {  # what no policy closes, and what is said of it
    f"ALTER ROLE {ROLE} LOGIN": f"role {ROLE}",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "SELECT 1": "REVOKE TEMP ON DATABASE",
    "GRANT TRUNCATE ON patients TO PUBLIC": "REVOKE TRUNCATE ON patients FROM PUBLIC",
    f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {ROLE}": "default privileges of postgres",
    "CREATE VIEW v AS TABLE patients; GRANT SELECT ON v TO PUBLIC": "(security_invoker), or REVOKE ALL ON v FROM",
    "CREATE MATERIALIZED VIEW m AS SELECT; GRANT SELECT ON m TO PUBLIC": "m reads past policies: REVOKE ALL ON m FROM",
    "CREATE TABLE t (tenant_id int); GRANT SELECT ON t TO PUBLIC": "t without policies: run 02, or REVOKE ALL ON t",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": "REVOKE EXECUTE ON FUNCTION f()",
    "CREATE RULE r AS ON DELETE TO patients DO ALSO NOTHING": "rule r on patients",
}


def test_what_is_in_the_way_is_named_and_what_is_not_takes_no_row_from_others(lived: Database) -> None:
    """A restrictive policy that comes into force would take some. To any other, rows_as_before adds what they saw."""
    build(lived, "CREATE POLICY dormant ON patients AS RESTRICTIVE USING (true); CREATE TABLE notes (tenant_id text)")
    before = rows(lived, STATE)
    outcome = psql.run_file(lived, SCRIPT)
    said = "public.notes: tenant_id is text\npublic.patients: row security is off, and policy dormant is RESTRICTIVE"
    assert (outcome.sqlstate, said in outcome.detail, rows(lived, STATE)) == ("42P17", True, before), outcome
    build(
        lived,
        "CREATE ROLE owning; GRANT ALL ON SCHEMA public TO owning; ALTER TABLE patients OWNER TO owning; "
        "DROP TABLE notes; DROP POLICY dormant ON patients; CREATE POLICY dormant ON patients USING (false); "
        "ALTER TABLE patients FORCE ROW LEVEL SECURITY",
    )
    seen = "SET ROLE owning; SELECT count(*) FROM patients"
    try:
        counted = rows(lived, seen)
        assert psql.run_file(lived, SCRIPT).succeeded
        assert rows(lived, seen) == counted != [(0,)]
    finally:
        build(lived, "REASSIGN OWNED BY owning TO CURRENT_USER; DROP OWNED BY owning; DROP ROLE owning")


@pytest.mark.parametrize("what", TURNED)
def test_what_was_changed_by_hand_is_named_and_brought_back(own_clinics: Database, what: str) -> None:
    statement = TURNED[what]
    build(own_clinics, what)
    before = rows(own_clinics, STATE)
    assert statement in psql.run_file(own_clinics, SCRIPT, {"migration.ask": "yes"}).notices[-1]
    assert statement in psql.run_file(own_clinics, SCRIPT, {"migration.verify": "yes"}).detail
    assert rows(own_clinics, STATE) == before
    assert psql.run_file(own_clinics, SCRIPT).succeeded
    assert psql.run_file(own_clinics, SCRIPT, {"migration.verify": "yes"}).succeeded


@pytest.mark.parametrize("what", PAST)
def test_what_no_policy_closes_is_listed(own_clinics: Database, what: str) -> None:
    build(own_clinics, what)
    try:
        found = [" ".join(row) for row in rows(own_clinics, LOOK.read_text(encoding="utf-8"))]
    finally:
        build(own_clinics, f"ALTER ROLE {ROLE} NOLOGIN")
    assert [one for one in found if PAST[what] in one], found


def test_the_way_back_is_refused_while_a_login_is_a_member_and_leaves_nothing(lived: Database) -> None:
    before = rows(lived, STATE)
    assert psql.run_file(lived, SCRIPT).succeeded
    build(lived, f"CREATE ROLE at_work; GRANT {ROLE} TO at_work")
    try:
        refused = psql.run_file(lived, DOWN)
        assert (refused.sqlstate, "at_work" in refused.detail) == ("2BP01", True), refused
        assert psql.run_file(lived, DOWN, {"migration.drop_isolation": "yes"}).succeeded
    finally:
        build(lived, "DROP ROLE at_work")
    assert psql.run_file(lived, DOWN).notices[-1].endswith("nothing to do")
    assert rows(lived, STATE) == before
