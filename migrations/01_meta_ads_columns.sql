-- 01_meta_ads_columns: the Meta Ads attribution columns of patients, added to a live table.
-- What it does   Adds the columns listed under 1 that are missing, and brings those that exist and that nothing else
--                uses to their type, default and nullability. It rewrites no row. Run again, it locks no table.
-- What it locks  patients, with its partitions and children: ACCESS EXCLUSIVE, at the end, until the transaction ends.
-- How it waits   It enters the lock queue only while no transaction has held patients for longer than its patience, and
--                never for longer than that. Patience is 25 ms, doubles every second, and ends at 3/4 of max_stall.
--                Meanwhile it holds no lock on patients; its snapshot holds up vacuum and CREATE INDEX CONCURRENTLY.
-- How to run it  As the owner: PGOPTIONS="-c migration.deadline=2min" psql -X -v ON_ERROR_STOP=1 -f THIS_FILE
-- Its settings   migration.deadline   1min   how long it may wait in all
--                migration.max_stall  500ms  how long a writer may wait for it
--                migration.ask        no     yes: say what it would do, and do nothing; Postgres may still refuse that
-- How it ends    00000: done, or nothing to do. Any other code: nothing changed. 42804: a column differs and is used,
--                or would have to be converted; DETAIL has the ALTER TABLE that brings it. 55P03: not free before the
--                deadline, or a holder waits for us; DETAIL names the holders. Others, such as 42P01, 42501, 25006,
--                42701, 54011 and 57014, are Postgres's own: see docs/dba.md.
DO $$
DECLARE  -- from own_names on, names are Postgres's own, not the caller's
  patients     CONSTANT pg_catalog.regclass := 'patients';  -- a copy of this script has another name
  settings     CONSTANT pg_catalog.text[] := '{search_path,lock_timeout,deadlock_timeout}';  -- given back at the end
  saved        CONSTANT pg_catalog.text[] := ARRAY(
                 SELECT pg_catalog.current_setting(name) FROM pg_catalog.unnest(settings) AS name);
  began        CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  own_names    CONSTANT pg_catalog.text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  ask          CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.ask', true), ''), 'no');
  deadline     CONSTANT pg_catalog.interval := set_config('lock_timeout',  -- which reads 500 as 500ms
                 coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
  max_stall    CONSTANT pg_catalog.interval := set_config('lock_timeout',
                 coalesce(nullif(current_setting('migration.max_stall', true), ''), '500ms'), true);
  patience     pg_catalog.interval;
  statements   pg_catalog.text[];       -- what is to be done; NULL for nothing
  obstacles    pg_catalog.text;         -- columns that this must not change
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
  SET LOCAL citus.propagate_set_commands = 'local';  -- Citus sends SET LOCAL to its nodes, and never set_config()
  BEGIN  -- Postgres cancels an ordinary autovacuum that has blocked a session for deadlock_timeout
    SET LOCAL deadlock_timeout = '10ms';
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;

  LOOP
    admitted := admitted OR pg_try_advisory_xact_lock(20010101, patients::oid::integer);  -- one runner at a time
    -- 1. Compare what is wanted with the catalogue, under no lock of the table. A copy of this has other columns here.
    SELECT ARRAY[format('ALTER TABLE %s %s', patients, string_agg(clauses, ', ' ORDER BY place))],
           string_agg(format('%I is %s, wanted %s%s: ALTER TABLE %s %s', name, actual, wanted, ', used by ' || users,
             patients, clauses), E'\n' ORDER BY place)
             FILTER (WHERE users <> '' OR attgenerated <> '' OR (retype AND (attcollation <> 100  -- the default one
               OR NOT ARRAY[atttypid::regtype, type::regtype] <@ '{text,varchar}'::regtype[])))
      INTO statements, obstacles
      FROM (VALUES (1, 'acquisition_source', 'varchar', '''ORGANIC''::character varying'),
                   (2, 'meta_campaign_id',   'varchar', NULL),
                   (3, 'meta_ad_id',         'varchar', NULL),
                   (4, 'meta_ad_headline',   'text',    NULL),
                   (5, 'meta_ad_body',       'text',    NULL)) AS spec(place, name, type, preset)  -- all admit NULL
      LEFT JOIN pg_attribute ON attrelid = patients AND attname = name AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum,
      LATERAL (SELECT CASE WHEN attgenerated = '' THEN pg_get_expr(adbin, 0) END AS set_to,
        atttypid <> type::regtype OR atttypmod <> -1 AS retype) AS a,
      LATERAL (SELECT concat(type, ' DEFAULT ' || preset) AS wanted,
        concat(format_type(atttypid, atttypmod), ' DEFAULT ' || set_to, CASE WHEN attnotnull THEN ' NOT NULL' END,
          CASE WHEN attgenerated <> '' THEN ' GENERATED' END) AS actual,
        (SELECT string_agg(pg_describe_object(classid, objid, objsubid), ', ') FROM pg_depend
          WHERE (refclassid, refobjid, refobjsubid) = ('pg_class'::regclass, patients, attnum)
            AND objid NOT IN (SELECT coalesce(pg_attrdef.oid, 0) UNION ALL
              SELECT oid FROM pg_constraint WHERE conrelid = patients AND contype = 'n')) AS users) AS b,
      LATERAL (SELECT CASE
        WHEN attnum IS NULL THEN format('ADD COLUMN %I %s', name, wanted)
        WHEN retype OR attnotnull OR attgenerated <> '' OR set_to IS DISTINCT FROM preset THEN concat_ws(', ',
          CASE WHEN attgenerated <> '' THEN format('ALTER %I DROP EXPRESSION', name) END,
          CASE WHEN retype THEN format('ALTER %I DROP DEFAULT, ALTER %1$I TYPE %s', name, type) END,
          format('ALTER %I %s', name, coalesce('SET DEFAULT ' || preset, 'DROP DEFAULT')),
          CASE WHEN attnotnull THEN format('ALTER %I DROP NOT NULL', name) END) END AS clauses) AS c
     WHERE clauses <> '' HAVING count(*) > 0;
    IF obstacles <> '' THEN
      RAISE datatype_mismatch USING
        MESSAGE = format('%s has columns that this must not change', patients),
        DETAIL = E'Nothing was changed.\n' || obstacles,
        HINT = 'Rename them, or drop what uses them and run the ALTER TABLE above; then run this again.';
    END IF;
    WITH RECURSIVE own AS (
      SELECT patients::oid AS oid UNION SELECT inhrelid FROM pg_inherits JOIN own ON inhparent = oid)
    SELECT array_agg(oid ORDER BY oid <> patients, oid) INTO tables FROM own NATURAL JOIN pg_class WHERE relkind <> 'f';
    IF statements <> '{}' AND EXISTS (SELECT FROM pg_inherits AS i
        WHERE inhparent = ANY (tables::oid[]) AND to_jsonb(i) ->> 'inhdetachpending' = 'true') THEN
      RAISE lock_not_available USING
        MESSAGE = format('a partition of %s is being detached', patients),
        DETAIL = 'Nothing was changed. Without the columns it could never be detached.',
        HINT = 'Let it finish, or DETACH PARTITION … FINALIZE; then run this again.';
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
  RAISE NOTICE '%: % (took %)', patients, coalesce(CASE WHEN ask THEN 'would run ' ELSE 'ran ' END
    || array_to_string(statements, '; '), 'nothing to do'), clock_timestamp() - began;
  PERFORM set_config(settings[i], saved[i], true) FROM generate_subscripts(settings, 1) AS i
    WHERE current_setting(settings[i]) <> saved[i];
END $$;
