-- 02_tenant_isolation_down: takes back what 02_tenant_isolation.sql made.
-- What it does   On every table in the schemas of search_path, drops tenant_rows and tenant_rows_only and the rights of
--                the role orchestrator_tenant; turns row security off where rows_as_before is there and no policy but
--                02's; and drops the role, if no other database uses it. Others see and write what they did.
--                Sessions of a clinic then begin no more: so it refuses while a login is a member of the role.
-- What it locks  these tables: ACCESS EXCLUSIVE, for some milliseconds, at the end. It tries for 100 ms (for each of
--                them) to get the lock, and rests for half a second between tries.
-- How to run it  As the owner: psql -X -v ON_ERROR_STOP=1 -f THIS_FILE
--                Or: alembic -c migrations/tenant_isolation.ini downgrade base
-- Its settings   migration.deadline  1min;  migration.ask=yes: say what it would do, and do nothing;
--                migration.drop_isolation=yes: go back though logins are members of the role
-- How it ends    00000: done, or nothing to do. Any other code: nothing changed. 2BP01: logins are members of the role.
--                55P03: not free before the deadline. Others are Postgres's own.
DO $$
DECLARE  -- from own_names on, names are Postgres's own, not the caller's
  tenants   CONSTANT pg_catalog.regclass := 'tenants';
  role      CONSTANT pg_catalog.text := 'orchestrator_tenant';
  schemas   CONSTANT pg_catalog.name[] := pg_catalog.current_schemas(false);
  settings  CONSTANT pg_catalog.text[] := '{search_path,lock_timeout}';  -- given back at the end
  saved     CONSTANT pg_catalog.text[] := ARRAY(
              SELECT pg_catalog.current_setting(name) FROM pg_catalog.unnest(settings) AS name);
  began     CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  own_names CONSTANT pg_catalog.text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  ask       CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.ask', true), ''), 'no');
  drop_all  CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.drop_isolation', true), ''), 'no');
  deadline  CONSTANT pg_catalog.interval := set_config('lock_timeout',  -- which reads 500 as 500ms
              coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
  statement pg_catalog.text;  -- NULL when nothing is to be done
  members   pg_catalog.text;
BEGIN
  -- 1. What is there to drop, and who would miss it.
  WITH kept AS (
    SELECT c.*, c.oid::regclass AS label FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
     WHERE nspname = ANY (schemas)
  ), steps AS (
    SELECT format('DROP POLICY %I ON %s', polname, label) AS command
      FROM kept JOIN pg_policy ON polrelid = kept.oid WHERE polname IN ('tenant_rows', 'tenant_rows_only')
    UNION SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY; DROP POLICY rows_as_before ON %1$s', label)
      FROM kept JOIN pg_policy ON polrelid = kept.oid GROUP BY label
    HAVING bool_or(polname = 'rows_as_before')
       AND bool_and(polname IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before'))
    UNION SELECT format('REVOKE ALL ON %s FROM %I', label, role)
      FROM kept, aclexplode(relacl) WHERE grantee = to_regrole(role)
    UNION SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', nspname, role)
      FROM pg_namespace, aclexplode(nspacl) WHERE nspname = ANY (schemas) AND grantee = to_regrole(role))
  SELECT string_agg(command, '; ' ORDER BY command) INTO statement FROM steps;
  SELECT string_agg(member::regrole::text, ', ') INTO members FROM pg_auth_members AS m
   WHERE roleid = to_regrole(role) AND 'true' IN (  -- from 16 on, the one that made it is a member with neither
     coalesce(to_jsonb(m) ->> 'inherit_option', 'true'), coalesce(to_jsonb(m) ->> 'set_option', 'true'));
  IF statement <> '' AND members <> '' AND NOT drop_all THEN
    RAISE dependent_objects_still_exist USING
      MESSAGE = format('sessions of one clinic may be at work as %I', role),
      DETAIL = format('Nothing was changed. Its members: %s', members),
      HINT = E'Take it from them. To go back all the same:\n'
        'alembic -c migrations/tenant_isolation.ini -x drop_isolation=yes downgrade base\n'
        'or PGOPTIONS="-c migration.drop_isolation=yes" psql -X -f migrations/02_tenant_isolation_down.sql';
  END IF;

  -- 2. Try for the lock, and rest between tries. The same text in every script that goes back.
  LOOP
    EXIT WHEN statement IS NULL OR ask;
    BEGIN
      SET LOCAL lock_timeout = '100ms';
      PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(saved[1], '')), true);
      EXECUTE statement;  -- with the caller's schemas, for event triggers
      EXIT;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      IF clock_timestamp() > began + deadline THEN
        RAISE lock_not_available USING
          MESSAGE = format('%s was not free within %s', tenants, deadline),
          DETAIL = 'Nothing was changed.',
          HINT = 'End what holds it (docs/dba.md lists the holders), or raise migration.deadline; then run this again.';
      END IF;
    END;
    PERFORM pg_sleep(0.5);
  END LOOP;
  SET LOCAL search_path = pg_catalog, pg_temp;
  IF statement <> '' AND NOT ask THEN
    BEGIN
      EXECUTE format('DROP ROLE %I', role);
    EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege OR undefined_object THEN
      RAISE NOTICE 'role % stays: %', role, SQLERRM;
    END;
  END IF;
  RAISE NOTICE '%: %', tenants,
    coalesce(CASE WHEN ask THEN 'would run ' ELSE 'ran ' END || statement, 'nothing to do');
  PERFORM set_config(settings[i], saved[i], true) FROM generate_subscripts(settings, 1) AS i
    WHERE current_setting(settings[i]) <> saved[i];
END $$;
