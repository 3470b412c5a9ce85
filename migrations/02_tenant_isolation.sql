-- 02_tenant_isolation: Postgres itself keeps the sessions that work as the clinic's role to their clinic.
--
-- What it does     Makes the role orchestrator_tenant (NOLOGIN) and, on tenants and every table that has tenant_id,
--                  row-level security with a restrictive policy for that role alone:
--                  tenant_id = app.tenant_id; without one it sees no row and writes none. Grants the role SELECT,
--                  INSERT, UPDATE and DELETE there (tenants: SELECT and UPDATE of its own row), never TRUNCATE.
--                  Whoever does not work as that role sees and writes what they did: a table that had no row
--                  security gets a permissive policy for everybody, rows_as_before; on one that had, no policy of
--                  others is touched and nothing is opened. Run again, it does nothing.
-- What it changes  For roles that neither own the tables nor have BYPASSRLS, on tables that had no row security:
-- for others       COPY … FROM is refused (use INSERT), and pg_dump too, which asks for the whole table
--                  (run it as the owner, or with --enable-row-security). The clinic's role is under the same rule.
-- Who opts in      GRANT orchestrator_tenant TO service WITH INHERIT FALSE;          (16 and later)
--                  A login that inherits the role is kept to its clinic in everything it does, always. Before 16
--                  one that is INHERIT takes it through a role that is not:
--                  CREATE ROLE clinic_door NOINHERIT; GRANT orchestrator_tenant TO clinic_door;
--                  GRANT clinic_door TO service;
-- What it needs    Owner of the tables, and CREATEROLE; or a role made before, named by migration.tenant_role.
-- What it locks    Every table it changes: ACCESS EXCLUSIVE, some milliseconds, the catalogue only.
-- How to run it    psql -X -v ON_ERROR_STOP=1 -f 02_tenant_isolation.sql
--                  or alembic -c migrations/tenant_isolation.ini upgrade head
-- Its settings     PGOPTIONS="-c migration.tenant_role=other -c migration.tenant_tables=patients,billing.invoices"
--                    migration.tenant_role    orchestrator_tenant   the clinic's role
--                    migration.tenant_tables  every table that has tenant_id, in any schema
-- To check         PGOPTIONS="-c default_transaction_read_only=on" psql …: 25006 and the list of what is not
--                  kept to its clinic, or nothing to do.
-- How it ends      00000  done, or nothing to do. With any other code nothing was changed:
--                    42710  something is there that this script must not change: DETAIL lists all of it
--                    42P01  no tenants on the search_path, or no table of a name that was given
--                    42501  not the owner, or may not create the role     25006  read-only: DETAIL lists what is missing
--                    55P03  a table was not free in time                  0A000  a server before Postgres 13

DO $$
DECLARE
  role_name CONSTANT text := coalesce(nullif(current_setting('migration.tenant_role', true), ''), 'orchestrator_tenant');
  given     CONSTANT text := nullif(current_setting('migration.tenant_tables', true), '');
  clinic    CONSTANT text := 'nullif(current_setting(''app.tenant_id'', true), '''')';
  tenants   CONSTANT oid  := to_regclass('tenants');
  named oid[];  role oid;  statement text;  steps text[];  misfits text[];  lacking text[];  owner regrole;
BEGIN
  IF current_setting('server_version_num')::int < 130000 THEN
    RAISE feature_not_supported USING MESSAGE = 'this script needs Postgres 13 or newer', DETAIL = 'Nothing was changed.';
  END IF;
  IF tenants IS NULL THEN
    RAISE undefined_table USING MESSAGE = format('there is no table tenants in %s', array_to_string(current_schemas(false), ', ')),
      DETAIL = 'Nothing was changed.', HINT = 'Set search_path to the schema of tenants.';
  END IF;
  IF given IS NOT NULL THEN
    FOR statement IN SELECT trim(t) FROM unnest(string_to_array(given, ',')) t LOOP
      IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(statement) AND attname = 'tenant_id' AND NOT attisdropped) THEN
        RAISE undefined_table USING MESSAGE = format('there is no table %s with tenant_id', statement),
          DETAIL = 'Nothing was changed.', HINT = 'Write migration.tenant_tables as patients,billing.invoices.';
      END IF;
      named := named || to_regclass(statement)::oid;
    END LOOP;
  END IF;
  PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
  PERFORM set_config('lock_timeout', '2s', true);

  SELECT oid INTO role FROM pg_roles WHERE rolname = role_name;

  -- What each table is, what it should be, and the statements that lead there.
  WITH tables AS (
    SELECT c.oid, c.relowner, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, c.oid::regclass AS label, n.nspname,
           a.attname AS key, a.atttypid AS key_type, c.oid = tenants AS is_tenants,
           EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS is_child,
           format('(%I = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::%s)', a.attname, a.atttypid::regtype) AS kept
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                         AND a.attname = CASE WHEN c.oid = tenants THEN 'id' ELSE 'tenant_id' END
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND (c.oid = tenants OR named IS NULL OR c.oid = ANY (named))
  ), wanted AS (
    -- Ours, by name: the clinic's rows for its role, and nothing but them, whatever other policies say.
    SELECT t.*, w.name, w.permissive, w.roles, w.to_role, w.qual,
           p.oid IS NOT NULL AS there,
           p.polroles = w.roles AS for_role,
           p.polpermissive = w.permissive AND p.polcmd = '*' AND p.polroles = w.roles
             AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.qual
             AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.qual AS as_wanted
      FROM tables t
     CROSS JOIN LATERAL (VALUES
       ('tenant_rows',      true,  ARRAY[role],   quote_ident(role_name), t.kept),
       ('tenant_rows_only', false, ARRAY[role],   quote_ident(role_name), t.kept),
       -- Row security was off: everybody goes on as before.
       ('rows_as_before',   true,  ARRAY[0::oid], 'PUBLIC',               'true')) w (name, permissive, roles, to_role, qual)
      LEFT JOIN pg_policy p ON p.polrelid = t.oid AND p.polname = w.name
     WHERE w.name <> 'rows_as_before' OR NOT t.enabled
  ), rights AS (
    SELECT t.oid, t.label, 'GRANT ' || string_agg(r, ', ') || format(' ON %s TO %I', t.label, role_name) AS step
      FROM tables t CROSS JOIN unnest(CASE WHEN t.is_tenants THEN '{SELECT,UPDATE}' ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[]) r
     WHERE NOT t.is_child AND (role IS NULL OR NOT has_table_privilege(role, t.oid, r))
     GROUP BY t.oid, t.label
    UNION ALL
    SELECT DISTINCT t.oid, t.label, format('GRANT USAGE ON SEQUENCE %s TO %I', d.objid::regclass, role_name)
      FROM tables t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.deptype IN ('a', 'i')
      JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid AND s.relkind = 'S'
     WHERE NOT t.is_child AND NOT t.is_tenants AND CASE WHEN role IS NULL THEN true WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(role, s.oid, 'USAGE') END
    UNION ALL
    SELECT DISTINCT ON (t.nspname) t.oid, t.label, format('GRANT USAGE ON SCHEMA %I TO %I', t.nspname, role_name)
      FROM tables t WHERE role IS NULL OR NOT has_schema_privilege(role, t.nspname, 'USAGE')
    UNION ALL
    SELECT t.oid, t.label, format('REVOKE TRUNCATE ON %s FROM %I', t.label, role_name)
      FROM tables t JOIN pg_class c USING (oid), aclexplode(c.relacl) g
     WHERE g.grantee = role AND g.privilege_type = 'TRUNCATE'
  ), plan AS (
    SELECT oid, label, 1 AS place, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', label) AS step, 'row security is off' AS lack
      FROM tables WHERE NOT enabled
    UNION ALL
    SELECT oid, label, 2, CASE WHEN there THEN format('DROP POLICY %I ON %s; ', name, label) ELSE '' END
             || format('CREATE POLICY %I ON %s AS %s TO %s USING %s WITH CHECK %s', name, label,
                       CASE WHEN permissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, to_role,
                       '(' || qual || ')', '(' || qual || ')'),
           format('policy %I is %s', name, CASE WHEN there THEN 'another' ELSE 'missing' END)
      FROM wanted WHERE as_wanted IS NOT TRUE
    UNION ALL
    SELECT oid, label, 3, step, lower(split_part(step, ' ON ', 1)) || ' is missing' FROM rights
  ), obstacles AS (
    SELECT t.oid, t.label, format('%s: row security is off, and policy %I would come into force with it', t.label, p.polname) AS what
      FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
     WHERE NOT t.enabled AND p.polname NOT IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before')
    UNION ALL
    SELECT oid, label, format('%s: row security is off but forced on its owner, who would be under it', label)
      FROM tables WHERE NOT enabled AND forced
    UNION ALL
    SELECT oid, label, format('%s: policy %I is there for other roles than %I', label, name, role_name)
      FROM wanted WHERE there AND NOT for_role AND name <> 'rows_as_before'
    UNION ALL
    SELECT oid, label, format('%s.%I is %s, expected an integer type', label, key, key_type::regtype)
      FROM tables WHERE key_type NOT IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    UNION ALL
    SELECT oid, label, format('%s belongs to %s, whose rights %I has: no policy would keep it', label, relowner::regrole, role_name)
      FROM tables WHERE pg_has_role(role, relowner, 'USAGE')
    UNION ALL
    SELECT oid, label, format('%s: everybody may TRUNCATE it, past every policy', label)
      FROM tables JOIN pg_class c USING (oid), aclexplode(c.relacl) g WHERE g.grantee = 0 AND g.privilege_type = 'TRUNCATE'
    UNION ALL
    SELECT 0::oid, NULL::regclass, format('role %I is %s: no policy would keep it', role_name, CASE WHEN rolsuper THEN 'a superuser' ELSE 'BYPASSRLS' END)
      FROM pg_roles WHERE oid = role AND (rolsuper OR rolbypassrls)
  )
  SELECT (SELECT array_agg(step ORDER BY oid, place, step) FROM plan),
         (SELECT array_agg(format('%s: %s', label, lack) ORDER BY oid, place, step) FROM plan),
         (SELECT array_agg(what ORDER BY oid, what) FROM obstacles),
         (SELECT min(relowner::oid)::regrole FROM tables WHERE oid IN (SELECT oid FROM plan) AND NOT pg_has_role(relowner, 'USAGE'))
    INTO steps, lacking, misfits, owner;

  IF role IS NULL THEN
    steps := format('CREATE ROLE %I NOLOGIN NOINHERIT', role_name) || steps;
    lacking := format('role %I is missing', role_name) || lacking;
  END IF;
  IF misfits IS NOT NULL THEN
    RAISE duplicate_object USING MESSAGE = misfits[1],
      DETAIL = E'Nothing was changed. In the way:\n' || array_to_string(misfits, E'\n'),
      HINT = 'Mend these by hand, or name the tables to take in migration.tenant_tables, then run this again.';
  ELSIF steps IS NULL THEN
    RAISE NOTICE '02_tenant_isolation: nothing to do';
    RETURN;
  ELSIF current_setting('transaction_read_only')::boolean THEN
    RAISE read_only_sql_transaction USING MESSAGE = format('%s, and this session is read-only', lacking[1]),
      DETAIL = E'Nothing was changed. Not kept to its clinic:\n' || array_to_string(lacking, E'\n'),
      HINT = 'Run this in a session that may write.';
  ELSIF owner IS NOT NULL THEN
    RAISE insufficient_privilege USING MESSAGE = format('must be owner of every table: some belong to %s', owner),
      DETAIL = 'Nothing was changed.', HINT = format('Run this as %s, or name the tables to take in migration.tenant_tables.', owner);
  ELSIF role IS NULL AND NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
    RAISE insufficient_privilege USING MESSAGE = format('role %I does not exist, and %I may not create it', role_name, current_user),
      DETAIL = 'Nothing was changed.',
      HINT = format('Have a role with CREATEROLE run CREATE ROLE %I NOLOGIN, or name another in migration.tenant_role.', role_name);
  END IF;

  FOREACH statement IN ARRAY steps LOOP
    EXECUTE statement;
  END LOOP;
  RAISE NOTICE '02_tenant_isolation: %', array_to_string(lacking, '; ');
END
$$;
