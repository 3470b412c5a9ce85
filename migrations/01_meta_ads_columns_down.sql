-- 01_meta_ads_columns_down: takes the Meta Ads attribution columns of patients back.
-- What it does   Drops those of the five columns that exist, unless a row would lose attribution: a value other than
--                the default. First stop what writes attribution: what is written after the count goes as well.
-- What it locks  patients, with its partitions and children: ACCESS EXCLUSIVE, for some milliseconds, at the end.
-- How it waits   It counts under a lock that stops no reader or writer. Then it tries for 100 ms (for each partition)
--                to get the lock, and rests for half a second between tries, until the deadline.
-- How to run it  As the owner: psql -X -v ON_ERROR_STOP=1 -f THIS_FILE, or alembic downgrade 0001
-- Its settings   migration.deadline          1min  how long it may try in all
--                migration.drop_attribution  no    yes: drop the columns whatever they hold, and count nothing
--                migration.ask               no    yes: count, say what it would do, and do nothing
-- How it ends    00000: done, or nothing to do. Any other code: nothing changed. 2BP01: rows hold attribution, or a
--                view or the like uses a column. 55P03: not free before the deadline. Others are Postgres's own.
DO $$
DECLARE  -- from own_names on, names are Postgres's own, not the caller's
  patients  CONSTANT pg_catalog.regclass := 'patients';  -- a copy changes this line and part 1
  settings  CONSTANT pg_catalog.text[] := '{search_path,row_security,lock_timeout}';  -- given back at the end
  saved     CONSTANT pg_catalog.text[] := ARRAY(
              SELECT pg_catalog.current_setting(name) FROM pg_catalog.unnest(settings) AS name);
  began     CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  own_names CONSTANT pg_catalog.text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  ask       CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.ask', true), ''), 'no');
  drop_all  CONSTANT pg_catalog.bool := coalesce(nullif(current_setting('migration.drop_attribution', true), ''), 'no');
  deadline  CONSTANT pg_catalog.interval := set_config('lock_timeout',  -- which reads 500 as 500ms
              coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
  statement pg_catalog.text;  -- NULL when nothing is to be done
  is_held   pg_catalog.text;  -- the condition under which a row holds attribution
  losing    pg_catalog.int8;  -- rows that would lose it
BEGIN
  SET LOCAL row_security = off;  -- a policy that hides rows from the count is an error

  -- 1. What is there to drop, and what would be lost.
  SELECT format('ALTER TABLE %s %s', patients, string_agg(format('DROP COLUMN %I', attname), ', ' ORDER BY attnum)),
         string_agg(format('%I::text IS DISTINCT FROM %L', attname, preset), ' OR ')
    INTO statement, is_held
    FROM (VALUES ('acquisition_source', 'ORGANIC'),
                 ('meta_campaign_id',   NULL),
                 ('meta_ad_id',         NULL),
                 ('meta_ad_headline',   NULL),
                 ('meta_ad_body',       NULL)) AS spec(name, preset)
    JOIN pg_attribute ON attrelid = patients AND attname = name AND NOT attisdropped
  HAVING count(*) > 0;
  IF statement IS NOT NULL AND NOT drop_all THEN
    BEGIN
      EXECUTE format('SELECT count(*) FROM %s WHERE %s', patients, is_held) INTO losing;
      RAISE SQLSTATE 'ENDED';  -- gives the read lock back: another session's ALTER TABLE would queue behind it
    EXCEPTION WHEN SQLSTATE 'ENDED' THEN NULL;
    END;
  END IF;
  IF losing > 0 THEN
    RAISE dependent_objects_still_exist USING
      MESSAGE = format('%s holds attribution in %s rows', patients, losing),
      DETAIL = 'Nothing was changed.',
      HINT = E'To drop it all the same: alembic -x drop_attribution=yes downgrade 0001\n'
        'or PGOPTIONS="-c migration.drop_attribution=yes" psql -X -f migrations/01_meta_ads_columns_down.sql';
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
          MESSAGE = format('%s was not free within %s', patients, deadline),
          DETAIL = 'Nothing was changed.',
          HINT = 'End what holds it (docs/dba.md lists the holders), or raise migration.deadline; then run this again.';
      END IF;
    END;
    PERFORM pg_sleep(0.5);
  END LOOP;
  SET LOCAL search_path = pg_catalog, pg_temp;
  RAISE NOTICE '%: %', patients,
    coalesce(CASE WHEN ask THEN 'would run ' ELSE 'ran ' END || statement, 'nothing to do');
  PERFORM set_config(settings[i], saved[i], true) FROM generate_subscripts(settings, 1) AS i
    WHERE current_setting(settings[i]) <> saved[i];
END $$;
