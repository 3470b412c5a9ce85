"""02_tenant_isolation.sql as the tests run it, and ways to weaken what it leaves."""

from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.options import ROOT

SCRIPT = ROOT / "migrations" / "02_tenant_isolation.sql"
DOWN = ROOT / "migrations" / "02_tenant_isolation_down.sql"
KEPT = "(tenant_id = nullif(current_setting('app.tenant_id', true), '')::int)"

# Each lets a clinic's session reach another clinic.
WEAKENED = {
    "no restrictive policy": "DROP POLICY tenant_rows_only ON patients",
    "the restrictive policy USING true": "ALTER POLICY tenant_rows_only ON patients USING (true)",
    "the restrictive policy WITH CHECK true": "ALTER POLICY tenant_rows_only ON patients WITH CHECK (true)",
    "a permissive policy for the restrictive": f"""
        DROP POLICY tenant_rows_only ON patients;
        CREATE POLICY tenant_rows_only ON patients AS PERMISSIVE TO {ROLE} USING {KEPT} WITH CHECK {KEPT}""",
    "the restrictive policy for reading alone": f"""
        DROP POLICY tenant_rows_only ON patients;
        CREATE POLICY tenant_rows_only ON patients AS RESTRICTIVE FOR SELECT TO {ROLE} USING {KEPT}""",
    "the restrictive policy for another role": "ALTER POLICY tenant_rows_only ON patients TO pg_monitor",
    "another setting, which a session may not know": """
        ALTER POLICY tenant_rows_only ON patients
        USING (coalesce(tenant_id = nullif(current_setting('app.tenant', true), '')::int, true))""",
    "no restrictive policy on tenants": "DROP POLICY tenant_rows_only ON tenants",
    "TRUNCATE granted": f"GRANT TRUNCATE ON patients, appointments TO {ROLE}",
    "a view that works as its owner": f"""
        CREATE VIEW everybody AS SELECT * FROM patients; GRANT SELECT ON everybody TO {ROLE}""",
}

# With each, Postgres applies no policy at all to the clinic's role, and a session does not begin.
OFF = {
    "row security off": (
        "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE patients ENABLE ROW LEVEL SECURITY",
    ),
    "a role with BYPASSRLS": (f"ALTER ROLE {ROLE} BYPASSRLS", f"ALTER ROLE {ROLE} NOBYPASSRLS"),
    "a role that owns the table": (
        f"ALTER TABLE patients OWNER TO {ROLE}",
        "ALTER TABLE patients OWNER TO CURRENT_USER",
    ),
    "a role with the owner's rights": (
        f"ALTER ROLE {ROLE} INHERIT; GRANT postgres TO {ROLE}",
        f"REVOKE postgres FROM {ROLE}; ALTER ROLE {ROLE} NOINHERIT",
    ),
    "no role": ("SELECT 1", "SELECT 1"),
}

# What docs/backend.md says of a table without tenant_id: its rows are those whose patient one sees.
APPOINTMENTS = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON appointments TO {ROLE};
GRANT USAGE ON SEQUENCE appointments_id_seq TO {ROLE};
ALTER TABLE appointments ENABLE ROW LEVEL SECURITY;
CREATE POLICY rows_as_before ON appointments USING (true) WITH CHECK (true);
CREATE POLICY tenant_rows_only ON appointments AS RESTRICTIVE TO {ROLE}
    USING (EXISTS (SELECT FROM patients WHERE patients.id = patient_id))
    WITH CHECK (EXISTS (SELECT FROM patients WHERE patients.id = patient_id));
"""
