-- 02_tenant_isolation: Postgres keeps each clinic's sessions to its clinic's rows.
-- What it does   Makes the role orchestrator_tenant (it needs CREATEROLE) and, on tenants and each table with tenant_id
--                in the schemas of search_path, turns row security on with policies for that role alone: it sees and
--                writes the rows of the clinic in app.tenant_id, and without one none. Run again, it takes no lock.
-- For others     A table without row security gets rows_as_before, a policy for everybody: they see and write what they
--                did; but COPY FROM into it and pg_dump without --enable-row-security are then its owner's alone.
-- What it locks  these tables, and not their partitions: ACCESS EXCLUSIVE, for some milliseconds, at the end.
-- How it waits   as 01_meta_ads_columns.sql does, with the same settings; its snapshot stays open meanwhile.
-- How to run it  As the owner: PGOPTIONS="-c migration.deadline=2min" psql -X -v ON_ERROR_STOP=1 -f THIS_FILE
--                Or: alembic -c migrations/tenant_isolation.ini -x deadline=2min upgrade head
-- Its settings   deadline, max_stall, ask; and migration.verify=yes: only fail, with 42P17 and a list, where there is
--                anything to do. 02_tenant_isolation_look.sql lists what no policy can mend.
-- How it ends    00000: done, or nothing to do. Any other code: nothing changed. 42P17: DETAIL lists what is in the
--                way. 55P03: not free before the deadline. Others are Postgres's own, such as 42P01, 42501, 25006.
DO $$
DECLARE
  tenants      CONSTANT pg_catalog.regclass := 'tenants';
  role         CONSTANT pg_catalog.text := 'orchestrator_tenant';
  own          CONSTANT pg_catalog.text :=  -- as pg_get_expr() writes it
                 '(%I = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::%s)';
  schemas      CONSTANT pg_catalog.name[] := pg_catalog.current_schemas(false);
  role_oid     pg_catalog.oid;          -- 0 while there is no such role
  settings     CONSTANT pg_catalog.text[] := '{search_path,lock_timeout,deadlock_timeout}';  -- given back at the end
  saved        CONSTANT pg_catalog.text[] := ARRAY(
                 SELECT pg_catalog.current_setting(name) FROM pg_catalog.unnest(settings) AS name);
  began        CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  ask          pg_catalog.bool;
  deadline     pg_catalog.interval;
  max_stall    pg_catalog.interval;
  patience     pg_catalog.interval;
  statements   pg_catalog.text[];       -- what is to be done; NULL for nothing
  obstacles    pg_catalog.text;         -- what this must not change
  tables       pg_catalog.regclass[];   -- what is locked, in this order
  holders      pg_catalog.jsonb;        -- virtual transaction of each holder: since when this block has seen it
  old_holders  pg_catalog.text;         -- those that have held a table for longer than patience, for people
  waits_for_us pg_catalog.bool;         -- one of those waits for this transaction
  admitted     pg_catalog.bool := false;
  statement    pg_catalog.text;
  tries        pg_catalog.int4 := 0;
  tried_at     pg_catalog.timestamptz;
  rest_until   pg_catalog.timestamptz := began;
  said_at      pg_catalog.timestamptz := began;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;  -- names below are Postgres's own, whatever schemas the caller has
  SET LOCAL citus.propagate_set_commands = 'local';  -- Citus sends SET LOCAL to its nodes, and never set_config()
  ask := coalesce(nullif(current_setting('migration.ask', true), ''), 'no');
  deadline := set_config('lock_timeout',  -- which reads 500 as 500ms
    coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
  max_stall := set_config('lock_timeout',
    coalesce(nullif(current_setting('migration.max_stall', true), ''), '500ms'), true);
  BEGIN  -- Postgres cancels an ordinary autovacuum that has blocked a session for deadlock_timeout
    SET LOCAL deadlock_timeout = '10ms';
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;

  LOOP
    admitted := admitted OR pg_try_advisory_xact_lock(20010101, tenants::oid::integer);  -- one runner at a time
    -- 1. Compare what is wanted with the catalogue.
    role_oid := coalesce(to_regrole(role)::oid, 0);
    WITH kept AS (  -- the role has no rights on their partitions and children
      SELECT c.*, c.oid::regclass AS label, a.attname AS key, format(own, a.attname, a.atttypid::regtype) AS own_rows,
             format(own, lent.attname, a.atttypid::regtype) AS as_shown, lent.attrelid AS lender,
             CASE a.attname WHEN 'id' THEN '{SELECT,UPDATE}' ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[] AS rights
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
         AND a.attname = CASE relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END
        -- pg_get_expr() locks the table whose columns it names: pg_class lends its own, where it has as many.
        JOIN pg_attribute AS lent ON lent.attrelid = CASE WHEN relnatts > 33 THEN c.oid ELSE 'pg_class'::regclass END
         AND lent.attnum = a.attnum
       WHERE nspname = ANY (schemas) AND relkind IN ('r', 'p') AND relpersistence <> 't'
         AND c.oid NOT IN (SELECT inhrelid FROM pg_inherits)
    ), policies AS (
      SELECT w.*, label, polname, (polpermissive, polcmd, polroles, pg_get_expr(polqual, lender),
               pg_get_expr(polwithcheck, lender)) = (kind = 'PERMISSIVE', '*', ARRAY[whose], shown, shown) AS is_so
        FROM kept CROSS JOIN LATERAL (VALUES
          ('tenant_rows',      'PERMISSIVE',  role_oid, role,     own_rows, as_shown),  -- the clinic's rows,
          ('tenant_rows_only', 'RESTRICTIVE', role_oid, role,     own_rows, as_shown),  -- whatever other policies say
          ('rows_as_before',   'PERMISSIVE',  0::oid,   'PUBLIC', 'true', 'true'))
          AS w(policy, kind, whose, whom, rows, shown)
        LEFT JOIN pg_policy ON polrelid = kept.oid AND polname = policy
       WHERE policy <> 'rows_as_before' OR NOT relrowsecurity
    ), steps AS (
      SELECT 1 AS rank, format('CREATE ROLE %I NOLOGIN NOINHERIT', role) AS command WHERE role_oid = 0
      UNION SELECT 2, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', label) FROM kept WHERE NOT relrowsecurity
      UNION SELECT 3, format('DROP POLICY %I ON %s', policy, label) FROM policies
             WHERE polname IS NOT NULL AND is_so IS NOT TRUE
      UNION SELECT 4, format('CREATE POLICY %I ON %s AS %s TO %s USING (%s) WITH CHECK (%5$s)', policy, label, kind,
               whom, rows) FROM policies WHERE is_so IS NOT TRUE
      UNION SELECT 5, format('GRANT %s ON %s TO %I', given, label, role)
        FROM kept, unnest(rights) AS given WHERE NOT has_table_privilege(role_oid, kept.oid, given)
      UNION SELECT 5, format('GRANT USAGE ON SEQUENCE %s TO %I', seqrelid::regclass, role)
        FROM kept JOIN pg_depend ON refobjid = kept.oid AND key <> 'id' JOIN pg_sequence ON seqrelid = objid
       WHERE NOT has_sequence_privilege(role_oid, seqrelid, 'USAGE')
      UNION SELECT 5, format('GRANT USAGE ON SCHEMA %s TO %I', relnamespace::regnamespace, role)
        FROM kept WHERE NOT has_schema_privilege(role_oid, relnamespace, 'USAGE')
      UNION SELECT 6, format('REVOKE %s ON %s FROM %I', privilege_type, label, role)
        FROM kept, aclexplode(relacl)  -- TRUNCATE, TRIGGER, REFERENCES go past policies
       WHERE grantee = role_oid AND role_oid <> 0 AND privilege_type <> ALL (rights)
    ), odd AS (
      SELECT format('%s: row security is off, and it has policies or is forced', label) AS what FROM kept
       WHERE NOT relrowsecurity AND (relforcerowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = kept.oid
              AND polname NOT IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before')))
      UNION SELECT format('%s: Citus drops AS RESTRICTIVE, so that its shards would be open', label)
        FROM kept JOIN pg_trigger ON tgrelid = kept.oid JOIN pg_proc AS f ON f.oid = tgfoid
       WHERE proname = 'citus_truncate_trigger'
      UNION SELECT command FROM steps WHERE current_setting('migration.verify', true) = 'yes')
    SELECT (SELECT array_agg(command ORDER BY rank, command) FROM steps), (SELECT string_agg(what, E'\n') FROM odd),
           (SELECT array_agg(label ORDER BY key, oid) FROM kept) INTO statements, obstacles, tables;
    IF obstacles <> '' THEN
      RAISE invalid_object_definition USING
        MESSAGE = 'not all tables of the clinics are as they should be',
        DETAIL = E'Nothing was changed. In the way, or to be done:\n' || obstacles,
        HINT = 'Mend by hand what is in the way; then run this again, without migration.verify.';
    END IF;

    -- 2. Wait for the lock, then run the statements. From here to END LOOP: the same text in every script that locks.
    EXIT WHEN statements IS NULL OR ask;
    -- Look who holds the tables, and since when, by our own watch: few roles may see how old a transaction is.
    patience := least(0.75 * max_stall, interval '25ms' * 2 ^ least(20, extract(epoch FROM clock_timestamp() - began)));
    PERFORM pg_stat_clear_snapshot();  -- else pg_stat_activity stays as it was at the first look
    SELECT coalesce(jsonb_object_agg(virtualtransaction, since), '{}'),
           bool_or(old AND pg_backend_pid() = ANY (pg_blocking_pids(pid))),
           string_agg(DISTINCT concat(kind, ', pid ' || pid, ', application ' || nullif(application_name, ''), ', for ',
             clock_timestamp() - coalesce(xact_start, greatest(since, began))), '; ') FILTER (WHERE old)
      INTO holders, waits_for_us, old_holders
      FROM (SELECT DISTINCT virtualtransaction, pid FROM pg_locks
             WHERE locktype = 'relation' AND relation = ANY (tables::oid[]) AND granted AND mode <> 'SIReadLock'
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND pid IS DISTINCT FROM pg_backend_pid()) AS held
      LEFT JOIN pg_stat_activity USING (pid),
      LATERAL (SELECT CASE WHEN holders IS NULL THEN '-infinity'  -- it came before us: old
                           ELSE coalesce((holders ->> virtualtransaction)::timestamptz, clock_timestamp()) END AS since,
                      CASE WHEN pid IS NULL THEN (
                             SELECT format('prepared transaction %L', min(gid))
                               FROM pg_prepared_xacts JOIN pg_locks AS own ON own.transactionid = transaction
                              WHERE own.virtualtransaction = held.virtualtransaction)
                           WHEN usesysid IS NULL THEN concat_ws(' ', 'autovacuum', substring(query, '.to prevent.*'))
                           WHEN state LIKE 'idle in%' THEN state
                           ELSE 'long transaction' END AS kind) AS a,
      LATERAL (SELECT since < clock_timestamp() - patience AS old) AS b
     WHERE NOT (kind = 'autovacuum' AND query LIKE 'autovacuum:%'  -- Postgres will cancel that one
                AND current_setting('deadlock_timeout') = '10ms');
    IF admitted AND old_holders IS NULL AND clock_timestamp() > rest_until THEN  -- queue; else stay outside the queue
      tries := tries + 1;
      tried_at := clock_timestamp();
      BEGIN
        FOREACH statement IN ARRAY
          ARRAY(SELECT format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', t) FROM unnest(tables) AS t) || statements
        LOOP  -- lock_timeout begins anew with each statement: give it what is left
          EXECUTE format('SET LOCAL lock_timeout = %s',
            greatest(1, 1000 * extract(epoch FROM tried_at + patience - clock_timestamp()))::integer);
          PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(saved[1], '')), true);
          EXECUTE statement;  -- with the caller's schemas, for event triggers
          SET LOCAL search_path = pg_catalog, pg_temp;
        END LOOP;
        EXIT;
      EXCEPTION WHEN lock_not_available OR deadlock_detected OR internal_error THEN
        IF SQLSTATE = 'XX000' AND SQLERRM NOT LIKE '%marked as essential%' THEN  -- Citus: a lock timeout on a node
          RAISE;
        END IF;
        rest_until := clock_timestamp() + 4 * (clock_timestamp() - tried_at);  -- let writers recover
      END;
    END IF;
    old_holders := coalesce(old_holders, CASE WHEN admitted THEN 'short transactions' ELSE 'another migration' END);
    IF waits_for_us OR clock_timestamp() > began + deadline THEN
      RAISE lock_not_available USING
        MESSAGE = format(CASE WHEN waits_for_us THEN 'a transaction that holds %s waits for this one'
                              ELSE '%s was not free within %s' END, tables[1], deadline),
        DETAIL = format('Nothing was changed. Tries: %s. Holders: %s', tries, old_holders),
        HINT = 'Let them finish or end them, or raise migration.deadline; then run this again. Citus: see docs/dba.md.';
    ELSIF clock_timestamp() > said_at + interval '5s' THEN
      said_at := clock_timestamp();
      RAISE NOTICE '%: waiting for %', tables[1], old_holders;
    END IF;
    PERFORM pg_sleep(0.01);
  END LOOP;
  RAISE NOTICE '%: % (tries: %, took %)', tenants, coalesce(CASE WHEN ask THEN 'would run ' ELSE 'ran ' END
    || array_to_string(statements, '; '), 'nothing to do'), tries, clock_timestamp() - began;
  PERFORM set_config(settings[i], saved[i], true) FROM generate_subscripts(settings, 1) AS i
    WHERE current_setting(settings[i]) <> saved[i];
END $$;
