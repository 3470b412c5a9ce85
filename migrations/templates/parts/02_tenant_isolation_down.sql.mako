<%inherit file="/engine.sql.mako"/>\
<%def name="title()">takes back what 02_tenant_isolation.sql made</%def>\
<%def name="subject()">the tables of the clinics</%def>\
<%def name="about()">\
${wrapped("What it does", "Drops the policies of the clinic's role and takes its rights away, on every table in the schemas of search_path that has them; and the role, if that script made it and no other database uses it. Row security is turned off where that script turned it on and nobody has made policies since; elsewhere it stays as it is, rows_as_before included. Nobody else sees another row than before. Run again, it does nothing.")}\
${wrapped("What then", "Sessions of one clinic no longer begin: Postgres would not keep them to it. So it refuses while somebody may take the role.")}\
</%def>\
<%def name="by_alembic()">-c migrations/tenant_isolation.ini downgrade base</%def>\
<%def name="budgets()">\
--                    migration.tenant_role    orchestrator_tenant, or the clinic's role
--                    migration.drop_isolation no    yes: though somebody may take the role
</%def>\
<%def name="permissions()">,
         migration.tenant_role,migration.drop_isolation</%def>\
<%def name="endings()">\
--                  2BP01  somebody may take the role: DETAIL says who
</%def>\
<%def name="declare()">\
  role_name pg_catalog.text;  -- the clinic's role
  role      pg_catalog.oid;
</%def>\
<%def name="tables()">'{tenants}'::text[] || ARRAY(
           SELECT DISTINCT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_policy ON polrelid = c.oid
            WHERE nspname = ANY (path) AND relname <> 'tenants' AND polname IN ('tenant_rows', 'tenant_rows_only')
              AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) ORDER BY 1)
        </%def>\
<%def name="compare()">\
      role_name := coalesce(nullif(current_setting('migration.tenant_role', true), ''), 'orchestrator_tenant');
      role := (SELECT oid FROM pg_roles WHERE rolname = role_name);
      WITH kept AS (
        SELECT k.oid, place, k.oid::regclass AS label, c.relnamespace::regnamespace AS space
          FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, place) JOIN pg_class c USING (oid)
      ), policies AS (
        SELECT k.*, polname AS name, polname = 'rows_as_before' AS opens, polname IN ('tenant_rows', 'tenant_rows_only')
            AND polroles = ARRAY[role] AS ours
          FROM kept k JOIN pg_policy ON polrelid = k.oid
      ), opened AS (
        -- Where our own policies are all there are, that script turned row security on.
        SELECT place, label FROM policies GROUP BY place, label HAVING bool_or(opens) AND bool_or(ours) AND bool_and(opens OR ours)
      ), steps AS (
        SELECT place, 1 AS part, format('DROP POLICY %I ON %s', name, label) AS command,
            format('policy %I of %s', name, label) AS what FROM policies WHERE ours
        UNION ALL SELECT place, 2, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY; DROP POLICY rows_as_before ON %1$s', label),
            format('row security of %s', label) FROM opened
        UNION ALL SELECT DISTINCT place, 3, format('REVOKE ALL ON %s FROM %I', label, role_name), format('rights on %s', label)
          FROM kept JOIN pg_class USING (oid), aclexplode(relacl) g WHERE g.grantee = role
        UNION ALL SELECT DISTINCT place, 3, format('REVOKE ALL ON SEQUENCE %s FROM %I', d.objid::regclass, role_name),
            format('rights on %s', d.objid::regclass)
          FROM kept k JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = k.oid
              AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S', aclexplode(s.relacl) g WHERE g.grantee = role
        UNION ALL SELECT DISTINCT 0, 3, format('REVOKE USAGE ON SCHEMA %s FROM %I', space, role_name), format('rights on schema %s', space)
          FROM kept JOIN pg_namespace n ON n.oid = space, aclexplode(nspacl) g WHERE g.grantee = role AND g.privilege_type = 'USAGE'
        UNION ALL SELECT 1000000, 4, format($role$DO $drop$
          BEGIN DROP ROLE %I;
          EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
            RAISE NOTICE 'role %1$s stays: %%', SQLERRM;
          END $drop$ $role$, role_name), NULL
         WHERE done IS NULL AND shobj_description(role, 'pg_authid') = 'Made by 02_tenant_isolation.sql'
      )
      SELECT array_agg(command ORDER BY place, part, command) AS statements,
             'dropped ' || string_agg(what, ', ' ORDER BY place, part, command) AS summary,
             (SELECT string_agg(DISTINCT member::regrole::text, ', ') FROM pg_auth_members m
               WHERE roleid = role AND (coalesce(to_jsonb(m) ->> 'set_option', 't') LIKE 't%'
                                     OR coalesce(to_jsonb(m) ->> 'inherit_option', 't') LIKE 't%')) AS members
        INTO plan FROM steps HAVING count(what) > 0;
</%def>\
<%def name="refusals()">\
        (5, plan.members IS NOT NULL AND current_setting('migration.drop_isolation', true) IS DISTINCT FROM 'yes', '2BP01',
            format('sessions of one clinic may be at work as %I', role_name), format('These may take it: %s.', plan.members),
            'REVOKE it from them; or, to drop it all the same, PGOPTIONS="-c migration.drop_isolation=yes" psql, or '
            'alembic -x drop_isolation=yes.'),
</%def>\
