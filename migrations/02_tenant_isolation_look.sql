-- 02_tenant_isolation_look: ways past the policies of 02_tenant_isolation.sql, which no policy closes.
-- A plain query, to run after it: it changes nothing. No row: nothing to look after.
--   psql -X -f 02_tenant_isolation_look.sql
WITH role AS (  -- before 02 made the role: what everybody may do
  SELECT 'orchestrator_tenant' AS name, coalesce(to_regrole('orchestrator_tenant')::oid, 0) AS oid
), kept AS (
  SELECT c.*, c.oid::regclass AS label FROM pg_class AS c JOIN pg_policy ON polrelid = c.oid
   WHERE polname = 'tenant_rows_only'
), ours AS (
  SELECT oid FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), look(what, say) AS (
  SELECT format('role %I', rolname), 'may log in, goes past policies or is a member of another: make it NOLOGIN, '
         'NOSUPERUSER, NOBYPASSRLS, and a member of none'
    FROM pg_roles JOIN role USING (oid) WHERE rolcanlogin OR rolsuper OR rolbypassrls
      OR EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid)
  UNION ALL SELECT format('schema %s', n.oid::regnamespace), format('a clinic may make functions and tables in it: '
         'REVOKE CREATE ON SCHEMA %s FROM PUBLIC, %I', n.oid::regnamespace, name)
    FROM pg_namespace AS n JOIN ours USING (oid), role WHERE has_schema_privilege(role.oid, n.oid, 'CREATE')
  UNION ALL SELECT 'temporary tables', format('on a pooled connection one stands before a table for the next clinic: '
         'REVOKE TEMP ON DATABASE %I FROM PUBLIC, %I', current_database(), name)
    FROM role WHERE has_database_privilege(role.oid, current_database(), 'TEMP')
  UNION ALL SELECT label::text, format('everybody may %s it: REVOKE %1$s ON %s FROM PUBLIC', privilege_type, label)
    FROM kept, aclexplode(relacl) WHERE grantee = 0 AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')
  UNION ALL SELECT format('default privileges of %s', defaclrole::regrole), 'give clinics the tables that it '
         'makes: run 02 after each, or ALTER DEFAULT PRIVILEGES … REVOKE'
    FROM pg_default_acl, aclexplode(defaclacl), role WHERE grantee IN (0, role.oid) AND defaclobjtype = 'r'
  UNION ALL SELECT c.oid::regclass::text, format(CASE WHEN relkind IN ('r', 'p') THEN 'without policies: run 02, or '
         WHEN relkind = 'v' THEN 'reads past policies: from 15 on ALTER VIEW … SET (security_invoker), or '
         ELSE 'reads past policies: ' END || 'REVOKE ALL ON %s FROM PUBLIC, %I', c.oid::regclass, name)
    FROM pg_class AS c JOIN ours ON ours.oid = relnamespace, role
   WHERE has_any_column_privilege(role.oid, c.oid, 'SELECT') AND c.oid NOT IN (SELECT oid FROM kept)
     AND (reloptions::text ~ 'security_invoker=(true|on|1)') IS NOT TRUE AND (relkind IN ('v', 'm', 'f')
      OR (relkind IN ('r', 'p') AND c.oid IN (SELECT attrelid FROM pg_attribute WHERE attname = 'tenant_id')))
  UNION ALL SELECT f.oid::regprocedure::text, format('works as its owner: REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, '
         '%I', f.oid::regprocedure, name)
    FROM pg_proc AS f JOIN ours ON ours.oid = pronamespace, role
   WHERE prosecdef AND prorettype <> 'trigger'::regtype AND has_function_privilege(role.oid, f.oid, 'EXECUTE')
  UNION ALL SELECT format('rule %I on %s', rulename, label), 'rewrites statements as the owner of the table: DROP RULE'
    FROM kept JOIN pg_rewrite ON ev_class = kept.oid
  UNION SELECT format('subscription %I', subname), format('its owner is not that of %s, and it stops at the next row: '
         'ALTER SUBSCRIPTION %I OWNER TO %s', label, subname, relowner::regrole)
    FROM kept JOIN pg_subscription_rel ON srrelid = kept.oid JOIN pg_stat_subscription ON subid = srsubid
    JOIN pg_subscription USING (subname) WHERE subowner <> relowner
)
SELECT 'after' AS "when", what, say FROM look ORDER BY what, say;
