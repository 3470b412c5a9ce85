<%inherit file="/engine.sql.mako"/>\
<%def name="title()">Postgres keeps whoever works as the clinic's role to one clinic</%def>\
<%def name="subject()">the tables of the clinics</%def>\
<%def name="about()">\
${wrapped("What it does", "Makes the role orchestrator_tenant (NOLOGIN) and, on tenants and on every table with tenant_id in the schemas of search_path, turns row security on, with policies for that role alone: it sees and writes the rows of the clinic in app.tenant_id, and without one none. Grants it SELECT, INSERT, UPDATE and DELETE there (on tenants SELECT and UPDATE, of its own row), and never TRUNCATE. Run again, it does nothing.")}\
${wrapped("What it leaves", "Whoever does not work as that role goes on seeing and writing what they did: a table that had no row security gets a policy for everybody, rows_as_before. On a table that had, no policy of others is touched and nothing is opened. No row is read or rewritten.")}\
${wrapped("But", "Where row security was off, a role that neither owns the table nor has BYPASSRLS can no longer COPY … FROM into it (INSERT does), nor dump it as pg_dump does by itself (run it as the owner, or with --enable-row-security). The same holds for the clinic's role, always.")}\
${wrapped("Who opts in", "A login, by GRANT orchestrator_tenant TO service WITH INHERIT FALSE (from 16 on), which may then take the role. One that inherits the role is kept to its clinic in all it does. Before 16 inheriting is the login's own property: CREATE ROLE clinic_door NOINHERIT; GRANT orchestrator_tenant TO clinic_door; GRANT clinic_door TO service.")}\
${wrapped("What it needs", "CREATEROLE, or a role made before, under that name or another.")}\
</%def>\
<%def name="by_alembic()">-c migrations/tenant_isolation.ini upgrade head</%def>\
<%def name="budgets()">\
--                    migration.tenant_role    orchestrator_tenant, or the clinic's role that is there
--                    migration.tenant_tables  patients,invoices: these instead of every one with tenant_id
--                    migration.check          no    yes: fail, with 55000 and a list, where there is anything to do
</%def>\
<%def name="permissions()">,
         migration.tenant_role,migration.tenant_tables,migration.check</%def>\
<%def name="endings()">\
--                  42P17  something is there that this must not change, such as dormant policies, or a role that no
--                         policy would keep: DETAIL lists all of it
--                  42501  also: the role is not there and this one may not create it
--                  55000  migration.check is yes and there is something to do
</%def>\
<%def name="declare()">\
  role_name   pg_catalog.text;   -- the clinic's role
  role        pg_catalog.oid;    -- NULL: not there yet
  expressions pg_catalog.jsonb;  -- of the policies of our names: what they let through
  -- Who reads an expression locks the table whose columns it is read with: the widest view there is lends its own to most tables.
  lender CONSTANT pg_catalog.oid := pg_catalog.to_regclass('information_schema.routines');
</%def>\
<%def name="tables()">'{tenants}'::text[] || CASE WHEN nullif(current_setting('migration.tenant_tables', true), '') IS NOT NULL
           THEN string_to_array(replace(current_setting('migration.tenant_tables', true), ' ', ''), ',')
           ELSE ARRAY(
             SELECT DISTINCT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute ON attrelid = c.oid
              WHERE nspname = ANY (path) AND relkind IN ('r', 'p') AND relpersistence <> 't' AND relname <> 'tenants'
                AND attname = 'tenant_id' AND NOT attisdropped AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)
              ORDER BY 1) END</%def>\
<%def name="compare()">\
      role_name := coalesce(nullif(current_setting('migration.tenant_role', true), ''), 'orchestrator_tenant');
      role := (SELECT oid FROM pg_roles WHERE rolname = role_name);
      -- What is locked all the same, a wider table or one that a policy selects from, is given back at once, and not waited for.
      BEGIN
        SET LOCAL lock_timeout = '25ms';
        expressions := (SELECT jsonb_object_agg(p.oid, ARRAY[pg_get_expr(polqual, rel), pg_get_expr(polwithcheck, rel)])
                          FROM pg_policy p JOIN pg_class c ON c.oid = polrelid LEFT JOIN pg_class l ON l.oid = lender
                              AND l.relnatts >= c.relnatts, coalesce(l.oid, c.oid) rel WHERE polrelid = ANY (catalogue.kin)
                              AND polname IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before'));
        RAISE SQLSTATE 'ENDED';
      EXCEPTION WHEN SQLSTATE 'ENDED' THEN NULL;  WHEN lock_not_available THEN compared := NULL;  -- and compare again
      END;
      WITH kept AS (
        SELECT k.oid, place, c.oid::regclass AS label, c.relowner, c.relacl, c.relrowsecurity AS on_already, c.relforcerowsecurity
               AS forced, c.oid = tables.oids[1] AS is_tenants, c.oid = ANY (tables.oids) AS granted, a.atttypid::regtype AS key_type,
               format(own, a.attname, a.atttypid::regtype) AS own, format(own, s.attname, a.atttypid::regtype) AS shown
          FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, place) JOIN pg_class c USING (oid)
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                AND a.attname = CASE WHEN c.oid = tables.oids[1] THEN 'id' ELSE 'tenant_id' END
          LEFT JOIN pg_class l ON l.oid = lender AND l.relnatts >= c.relnatts
          LEFT JOIN pg_attribute s ON s.attrelid = coalesce(l.oid, c.oid) AND s.attnum = a.attnum
          CROSS JOIN (VALUES ('(%I = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::%s)')) o(own)
         WHERE c.relkind IN ('r', 'p')
      ), policies AS (
        -- The clinic's rows for its role; nothing but those, whatever other policies say; and where row security was off
        -- everything for everybody else, as before.
        SELECT k.*, w.*, p.oid AS policy, p.polroles = w.roles AS for_its_role,
               (p.polpermissive, p.polcmd::text, p.polroles, expressions -> p.oid::text)
                 = (w.permissive, '*', w.roles, jsonb_build_array(w.shown, w.shown)) AS as_wanted
          FROM kept k CROSS JOIN LATERAL (VALUES
            ('tenant_rows',      true,  ARRAY[role],   format('%I', role_name), k.own,  k.shown),
            ('tenant_rows_only', false, ARRAY[role],   format('%I', role_name), k.own,  k.shown),
            ('rows_as_before',   true,  ARRAY[0::oid], 'PUBLIC', 'true', 'true')) w(name, permissive, roles, whose, expression, shown)
          LEFT JOIN pg_policy p ON p.polrelid = k.oid AND p.polname = w.name
         WHERE w.name <> 'rows_as_before' OR NOT k.on_already
      ), steps AS (
        SELECT 0 AS place, 1 AS part,
            format('CREATE ROLE %I NOLOGIN NOINHERIT; COMMENT ON ROLE %1$I IS %L', role_name, 'Made by 02_tenant_isolation.sql')
                 AS command, format('no role %I', role_name) AS lack WHERE role IS NULL
        UNION ALL SELECT place, 2, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', label), format('%s: row security is off', label)
            FROM kept WHERE NOT on_already
        UNION ALL SELECT place, 3, CASE WHEN policy IS NOT NULL THEN format('DROP POLICY %I ON %s; ', name, label) ELSE '' END
                 || format('CREATE POLICY %I ON %s AS %s TO %s USING (%s) WITH CHECK (%5$s)', name, label,
                           CASE WHEN permissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, whose, expression),
               format('%s: policy %I is %s', label, name, CASE WHEN policy IS NULL THEN 'missing' ELSE 'not as it should be' END)
          FROM policies WHERE as_wanted IS NOT TRUE
        UNION ALL SELECT place, 4, format('GRANT %s ON %s TO %I', string_agg(r, ', '), label, role_name),
            format('%s: %s not granted', label, string_agg(r, ', '))
          FROM kept CROSS JOIN unnest(CASE WHEN is_tenants THEN '{SELECT,UPDATE}' ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[]) r
         WHERE granted AND CASE WHEN role IS NULL THEN true ELSE NOT has_table_privilege(role, oid, r) END GROUP BY place, label
        UNION ALL SELECT DISTINCT place, 4, format('GRANT USAGE ON SEQUENCE %s TO %I', d.objid::regclass, role_name),
            format('%s: USAGE not granted', d.objid::regclass)
          FROM kept k JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = k.oid
              AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          JOIN pg_class s ON s.oid = d.objid
         WHERE granted AND NOT is_tenants AND CASE WHEN s.relkind <> 'S' THEN false WHEN role IS NULL THEN true
             ELSE NOT has_sequence_privilege(role, s.oid, 'USAGE') END
        UNION ALL SELECT min(place), 4, format('GRANT USAGE ON SCHEMA %s TO %I', relnamespace::regnamespace, role_name),
            format('schema %s: USAGE not granted', relnamespace::regnamespace)
          FROM kept JOIN pg_class USING (oid)
         WHERE granted AND NOT CASE WHEN role IS NULL THEN has_schema_privilege('public', relnamespace, 'USAGE')
             ELSE has_schema_privilege(role, relnamespace, 'USAGE') END GROUP BY relnamespace
        UNION ALL SELECT place, 5, format('REVOKE TRUNCATE ON %s FROM %I', label, role_name), format('%s: TRUNCATE is granted', label)
          FROM kept, aclexplode(relacl) g WHERE g.grantee = role AND g.privilege_type = 'TRUNCATE'
      ), odd AS (
        SELECT 0 AS place, format('role %I is %s, and no policy would keep it', role_name, CASE
            WHEN rolsuper THEN 'a superuser' ELSE 'BYPASSRLS' END) AS what
          FROM pg_roles WHERE oid = role AND (rolsuper OR rolbypassrls)
        UNION ALL SELECT place, format('%s belongs to %s, whose rights role %I has, and no policy would keep it', label, relowner::regrole,
            role_name) FROM kept WHERE CASE WHEN role IS NOT NULL THEN pg_has_role(role, relowner, 'USAGE') END
        UNION ALL SELECT place, format('%s: row security is off, and policy %I would come into force with it', label, polname)
          FROM kept k JOIN pg_policy ON polrelid = k.oid
         WHERE NOT on_already AND polname NOT IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before')
        UNION ALL SELECT place, format('%s: row security is off but forced on its owner, who would come under it', label) FROM kept
            WHERE NOT on_already AND forced
        UNION ALL SELECT place, format('%s: policy %I is there, and not for role %I', label, name, role_name)
          FROM policies WHERE policy IS NOT NULL AND NOT for_its_role AND name <> 'rows_as_before'
        UNION ALL SELECT place, format('%s: %s', label,
            coalesce(format('its key is %s, expected an integer', key_type), 'it has no tenant_id')) FROM kept
         WHERE key_type IS NULL OR key_type NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
        UNION ALL SELECT place, format('%s: everybody may TRUNCATE it, past every policy', label)
          FROM kept, aclexplode(relacl) g WHERE g.grantee = 0 AND g.privilege_type = 'TRUNCATE'
        UNION ALL SELECT 1000000, format('%s has tenant_id and is not on search_path', c.oid::regclass)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE nullif(current_setting('migration.tenant_tables', true), '') IS NULL
           AND a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
           AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND c.oid <> ALL (catalogue.kin)
      )
      SELECT CASE WHEN compared IS NULL THEN '{}' ELSE array_agg(command ORDER BY place, part, command) END AS statements,
             'kept to their clinic; found ' || string_agg(lack, '; ' ORDER BY place, part, command) AS summary,
             (array_agg(lack ORDER BY place, part, command))[1] AS first, string_agg(lack, E'\n' ORDER BY place, part, command) AS lacks,
             CASE WHEN compared IS NOT NULL THEN ARRAY(SELECT what FROM odd ORDER BY place, what) ELSE '{}' END AS odd
        INTO plan FROM steps;
</%def>\
<%def name="refusals()">\
        (4, plan.odd <> '{}', '42P17', plan.odd[1], E'In the way:\n' || array_to_string(plan.odd, E'\n'),
            'Mend these by hand, or say in migration.tenant_tables which tables to take; then run this again.'),
        (5, work AND compared IS NOT NULL AND current_setting('migration.check', true) = 'yes', '55000', plan.first,
            E'Not kept to a clinic:\n' || plan.lacks, 'Run this without migration.check.'),
        (5, role IS NULL AND NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user), '42501',
            format('there is no role %I, and %I may not create it', role_name, current_user), NULL,
            format('Have somebody with CREATEROLE run CREATE ROLE %I NOLOGIN, or name another in migration.tenant_role.', role_name)),
</%def>\
