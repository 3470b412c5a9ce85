-- 02_tenant_isolation: Postgres keeps each clinic's sessions to its clinic's rows.
-- What it does   Makes the role orchestrator_tenant (it needs CREATEROLE) and, on tenants and each table with tenant_id
--                in the schemas of search_path, turns row security on with policies for that role alone: it sees and
--                writes the rows of the clinic in app.tenant_id, and without one none. Run again, it takes no lock.
-- For others     A table without row security gets rows_as_before, a policy for everybody: they see and write what they
--                did; but COPY FROM into it and pg_dump without --enable-row-security are then its owner's alone.
-- What it locks  these tables: ACCESS EXCLUSIVE, at the end. It waits as 01_meta_ads_columns.sql does, same settings.
-- How to run it  As the owner: PGOPTIONS="-c migration.deadline=2min" psql -X -v ON_ERROR_STOP=1 -f THIS_FILE
--                Or: alembic -c migrations/tenant_isolation.ini -x deadline=2min upgrade head
-- One setting    migration.verify=yes: only fail, with 42P17 and a list, where there is anything to do.
-- How it ends    00000: done, or nothing to do. Any other code: nothing changed. 42P17: DETAIL lists what is in the
--                way. 55P03: not free before the deadline. Others are Postgres's own, such as 42P01, 42501, 25006.
DO $$
DECLARE  -- from own_names on, names are Postgres's own, not the caller's
  tenants      CONSTANT pg_catalog.regclass := 'tenants';
  role         CONSTANT pg_catalog.text := 'orchestrator_tenant';
  schemas      CONSTANT pg_catalog.name[] := pg_catalog.current_schemas(false);
  settings     CONSTANT pg_catalog.text[] := '{search_path,lock_timeout,deadlock_timeout}';  -- given back at the end
  saved        CONSTANT pg_catalog.text[] := ARRAY(
                 SELECT pg_catalog.current_setting(name) FROM pg_catalog.unnest(settings) AS name);
  began        CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  own_names    CONSTANT pg_catalog.text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  own          pg_catalog.text := '(%I = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::%s)';
  ask          CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.ask', true), ''), 'no');
  deadline     CONSTANT pg_catalog.interval := set_config('lock_timeout',  -- which reads 500 as 500ms
                 coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
  max_stall    CONSTANT pg_catalog.interval := set_config('lock_timeout',
                 coalesce(nullif(current_setting('migration.max_stall', true), ''), '500ms'), true);
  patience     pg_catalog.interval;
  statements   pg_catalog.text[];       -- what is to be done; NULL for nothing
  obstacles    pg_catalog.text;         -- what this must not change
  tables       pg_catalog.regclass[];   -- what is locked, in this order
  holders      pg_catalog.jsonb;        -- virtual transaction of each holder, and since when: few roles may see its age
  old_holders  pg_catalog.text;         -- those that have held a table for longer than patience
  waits_for_us pg_catalog.bool;         -- one of those waits for this transaction
  admitted     pg_catalog.bool := false;
  statement    pg_catalog.text;
  looked_at    pg_catalog.timestamptz := '-infinity';
  rest_until   pg_catalog.timestamptz := began;
  said_at      pg_catalog.timestamptz := began;
BEGIN
  BEGIN  -- Postgres cancels an ordinary autovacuum that has blocked a session for deadlock_timeout
    SET LOCAL deadlock_timeout = '10ms';
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;

  LOOP
    admitted := admitted OR pg_try_advisory_xact_lock(20010101, tenants::oid::integer);  -- one runner at a time
    -- 1. Compare what is wanted with the catalogue, under no lock of the tables. own is as pg_get_expr() writes it.
    WITH kept AS (  -- the role has no rights on their partitions and children
      SELECT c.*, c.oid::regclass AS label, format(own, a.attname, a.atttypid::regtype) AS own_rows,
             format(own, lent.attname, a.atttypid::regtype) AS as_shown, lent.attrelid AS lender, a.atttypid,
             CASE a.attname WHEN 'id' THEN 'SELECT, UPDATE' ELSE 'DELETE, INSERT, SELECT, UPDATE' END AS rights
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
        -- pg_get_expr() locks the table whose columns it names: pg_class lends its own, where it has as many.
        JOIN pg_attribute AS lent ON lent.attrelid = CASE WHEN relnatts > 33 THEN c.oid ELSE 'pg_class'::regclass END
         AND lent.attnum = a.attnum
       WHERE a.attname = CASE relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END AND relkind IN ('r', 'p')
         AND nspname = ANY (schemas) AND c.oid NOT IN (SELECT inhrelid FROM pg_inherits)
    ), steps AS (
      SELECT format('CREATE ROLE %I NOLOGIN NOINHERIT', role) AS command WHERE to_regrole(role) IS NULL
      UNION SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', label) FROM kept WHERE NOT relrowsecurity
      UNION SELECT format('CREATE POLICY rows_as_before ON %s USING (true) WITH CHECK (true)', label) FROM kept
             WHERE NOT relrowsecurity AND oid NOT IN (SELECT polrelid FROM pg_policy WHERE polname = 'rows_as_before')
      UNION SELECT concat('DROP POLICY ' || polname || ' ON ' || label || '; ', format(
               'CREATE POLICY %s ON %s AS %s TO %I USING (%s) WITH CHECK (%5$s)', policy, label, kind, role, own_rows))
        FROM (VALUES ('tenant_rows', 'PERMISSIVE'), ('tenant_rows_only', 'RESTRICTIVE')) AS wanted(policy, kind)
        CROSS JOIN kept LEFT JOIN pg_policy ON polrelid = kept.oid AND polname = policy  -- _only: whatever others say
       WHERE (polpermissive, polcmd, polroles, pg_get_expr(polqual, lender), pg_get_expr(polwithcheck, lender))
             IS DISTINCT FROM (kind = 'PERMISSIVE', '*', ARRAY[to_regrole(role)::oid], as_shown, as_shown)
      UNION SELECT format('REVOKE ALL ON %s FROM %I; GRANT %s ON %1$s TO %2$I', label, role, rights) FROM kept
       WHERE rights IS DISTINCT FROM (SELECT string_agg(DISTINCT privilege_type, ', ' ORDER BY privilege_type)
               FROM aclexplode(relacl) WHERE grantee = to_regrole(role))  -- TRUNCATE and TRIGGER go past policies
      UNION SELECT format('GRANT USAGE ON SEQUENCE %s TO %I', seqrelid::regclass, role)
        FROM kept JOIN pg_depend ON refobjid = kept.oid AND relname <> 'tenants' JOIN pg_sequence ON seqrelid = objid
       WHERE NOT has_sequence_privilege(coalesce(to_regrole(role)::oid, 0), seqrelid, 'USAGE')  -- 0: everybody
      UNION SELECT format('GRANT USAGE ON SCHEMA %s TO %I', relnamespace::regnamespace, role)
        FROM kept WHERE NOT has_schema_privilege(coalesce(to_regrole(role)::oid, 0), relnamespace, 'USAGE')
    ), odd AS (
      SELECT 'Citus drops AS RESTRICTIVE: shards stay open' AS what WHERE to_regclass('pg_dist_partition') IS NOT NULL
      UNION SELECT format('%s: tenant_id is text', label) FROM kept WHERE atttypid::regtype::text ~ '^(text|char)'
      UNION SELECT format('%s: row security is off, and policy %I is RESTRICTIVE', label, polname) FROM kept
        JOIN pg_policy ON polrelid = kept.oid AND NOT (relrowsecurity OR polpermissive OR polname = 'tenant_rows_only')
      UNION SELECT command FROM steps WHERE current_setting('migration.verify', true) = 'yes')
    SELECT (SELECT array_agg(command ORDER BY command NOT LIKE 'CREATE ROLE%', command) FROM steps),
           (SELECT string_agg(what, E'\n') FROM odd), (SELECT array_agg(label ORDER BY label <> tenants, oid) FROM kept)
      INTO statements, obstacles, tables;
    IF obstacles <> '' THEN
      RAISE invalid_object_definition USING
        MESSAGE = 'not all tables of the clinics are as they should be',
        DETAIL = E'Nothing was changed. In the way, or to be done:\n' || obstacles,
        HINT = 'Mend by hand what is in the way; then run this again, without migration.verify.';
    END IF;

    -- 2. Wait for the lock, then run the statements. From here to END LOOP: the same text in every script that locks.
    EXIT WHEN statements IS NULL OR ask;
    patience := least(0.75 * max_stall, interval '25ms' * 2 ^ least(20, extract(epoch FROM clock_timestamp() - began)));
    PERFORM pg_stat_clear_snapshot();  -- else pg_stat_activity stays as it was at the first look
    SELECT jsonb_object_agg(virtualtransaction, since), bool_or(old AND pg_backend_pid() = ANY (pg_blocking_pids(pid))),
           string_agg(DISTINCT concat(kind, ', pid ' || pid, ', application ' || nullif(application_name, ''), ', for ',
             (clock_timestamp() - coalesce(xact_start, greatest(since, began)))::interval(0)), '; ') FILTER (WHERE old)
      INTO holders, waits_for_us, old_holders
      FROM pg_locks AS held LEFT JOIN pg_stat_activity USING (pid),
      LATERAL (SELECT coalesce((holders ->> virtualtransaction)::timestamptz, looked_at) AS since,
                      CASE WHEN pid IS NULL THEN (SELECT format('prepared transaction %L', min(gid))
                             FROM pg_prepared_xacts JOIN pg_locks AS own ON own.transactionid = transaction
                            WHERE own.virtualtransaction = held.virtualtransaction)
                           WHEN usesysid IS NULL THEN concat_ws(' ', 'autovacuum', substring(query, '.to prevent.*'))
                           ELSE coalesce(substring(state, 'idle in.*'), 'long transaction') END AS kind) AS a,
      LATERAL (SELECT since < clock_timestamp() - patience AS old) AS b
     WHERE relation = ANY (tables::oid[]) AND granted AND mode <> 'SIReadLock' AND pid IS DISTINCT FROM pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND NOT (kind = 'autovacuum' AND query LIKE 'autovacuum:%' AND current_setting('deadlock_timeout') = '10ms');
    IF admitted AND old_holders IS NULL AND looked_at > rest_until THEN  -- queue; else stay outside the queue
      BEGIN
        FOREACH statement IN ARRAY ARRAY(SELECT format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', t)
          FROM unnest(tables) AS t) || statements LOOP  -- lock_timeout begins anew with each: give it what is left
          EXECUTE format('SET LOCAL lock_timeout = %s',
            greatest(1, 1000 * extract(epoch FROM looked_at + patience - clock_timestamp()))::integer);
          PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(saved[1], '')), true);
          EXECUTE statement;  -- with the caller's schemas, for event triggers
          SET LOCAL search_path = pg_catalog, pg_temp;
        END LOOP;
        EXIT;
      EXCEPTION WHEN lock_not_available OR deadlock_detected OR internal_error THEN
        IF SQLSTATE = 'XX000' AND SQLERRM NOT LIKE '%marked as essential%' THEN  -- Citus: a lock timeout on a node
          RAISE;
        END IF;
        rest_until := clock_timestamp() + 4 * (clock_timestamp() - looked_at);  -- let writers recover
      END;
    END IF;
    old_holders := coalesce(old_holders, CASE WHEN admitted THEN 'short transactions' ELSE 'another migration' END);
    IF waits_for_us OR looked_at > began + deadline THEN
      RAISE lock_not_available USING
        MESSAGE = format(CASE WHEN waits_for_us THEN 'a transaction that holds %s waits for this one'
                              ELSE '%s was not free within %s' END, tables[1], deadline),
        DETAIL = format('Nothing was changed. Holders: %s', old_holders),
        HINT = 'Let them finish or end them, or raise migration.deadline; then run this again. Citus: see docs/dba.md.';
    ELSIF looked_at > said_at + interval '5s' THEN
      said_at := looked_at;
      RAISE NOTICE '%: waiting for %', tables[1], old_holders;
    END IF;
    PERFORM pg_sleep(0.01);
    looked_at := clock_timestamp();  -- -infinity at the first look: its holders are old
  END LOOP;
  RAISE NOTICE '%: % (took %)', tenants, coalesce(CASE WHEN ask THEN 'would run ' ELSE 'ran ' END
    || array_to_string(statements, '; '), 'nothing to do'), clock_timestamp() - began;
  PERFORM set_config(settings[i], saved[i], true) FROM generate_subscripts(settings, 1) AS i
    WHERE current_setting(settings[i]) <> saved[i];
END $$;
