-- 01_meta_ads_columns: the Meta Ads attribution columns of patients, on a live table.
--
-- What it does     Adds acquisition_source (default 'ORGANIC'), meta_campaign_id, meta_ad_id, meta_ad_headline
--                  and meta_ad_body, or brings those that exist to the types and defaults below. No row is
--                  rewritten. Run again, it does nothing and takes no lock on patients.
-- What it locks    patients, its partitions and children: ACCESS EXCLUSIVE, once: some milliseconds, and 1 to 2
--                  more for each partition, which max_stall cannot shorten. While an old transaction holds the
--                  table it stays out of the lock queue, so nobody waits behind it. Where old transactions never
--                  stop overlapping it dares to queue for longer and longer, each time for less than max_stall.
--                  Hot standbys replay the lock and wait for their own readers.
-- How to run it    psql -X -v ON_ERROR_STOP=1 -f 01_meta_ads_columns.sql            (as the owner of patients)
--                  or alembic upgrade head. In a transaction of yours the lock lasts until you commit. With
--                  several tables called patients, search_path decides which.
-- Its budgets      PGOPTIONS="-c migration.deadline=2min -c migration.max_stall=200ms" psql …
--                  or alembic -x deadline=2min -x max_stall=200ms upgrade head
--                    migration.deadline   1min    how long it may wait; a shorter statement_timeout wins
--                    migration.max_stall  500ms   the longest it may hold up a writer
-- How it ends      00000  done, or nothing to do. With any other code nothing was changed:
--                    55P03  old transactions held patients until the deadline: DETAIL names them
--                    42804  a column differs in ways this script must not change: DETAIL lists all of them
--                    42P01  no patients on the search_path      42809  patients is a view, a partition …
--                    42501  not the owner                       25006  read-only session or standby
--                    22023  a budget is not a positive time     0A000  a server before Postgres 13
--                    40001  in repeatable read, somebody else migrated meanwhile: run it again
--                    P0004  a safety check of the script itself failed: report it
--                  A role with pg_read_all_stats gets better names in DETAIL; the protection is the same.

DO $$
DECLARE
  -- Column, type, default. Every column admits NULL.
  wanted CONSTANT text[] := ARRAY[
    ['acquisition_source', 'character varying', 'ORGANIC'],
    ['meta_campaign_id',   'character varying', NULL],
    ['meta_ad_id',         'character varying', NULL],
    ['meta_ad_headline',   'text',              NULL],
    ['meta_ad_body',       'text',              NULL]];

  patience CONSTANT float8 := 0.025;     -- seconds; a lock held for longer is an old one
  ticket   CONSTANT int    := 20010101;  -- with the table's oid, the advisory lock that admits one runner

  -- Settings of this block alone. Names and operators are Postgres's own, whatever search_path holds. Catalogues of
  -- a clinic network are large: read them by index, planned once, and let no JIT compilation happen under the lock.
  -- Citus repeats SET LOCAL on its workers when told to (set_config() it never does).
  local CONSTANT jsonb := '{"search_path": "pg_catalog, pg_temp", "lock_timeout": "0", "jit": "off",
    "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
    "citus.propagate_set_commands": "local"}';
  saved jsonb;  -- what they were, for the rest of a caller's transaction
  path CONSTANT text[] := pg_catalog.current_schemas(false);

  max_stall float8;  budget float8;  ends_at float8;  yields_after float8;
  root oid;  label text;  kind text;  root_owner regrole;  parent text;
  kin oid[];  files oid[];  files_before oid[];
  steps text;  misfits text[];  summary text;  done text;

  -- Times are seconds since the epoch. A holder is a virtual transaction with a lock on the table, and since when we
  -- have seen it; 0 for one that was there before us.
  began_at float8;  looked_at float8;  speak_at float8;  not_before float8;  tried_at float8;  locked_at float8;
  holders jsonb;  known jsonb;  gone float8[];  lives float8[] := '{}';  handovers int := 0;
  oldest float8;  chance float8;
  vacuums text[];  stubborn text[] := '{}';
  admitted boolean := false;  clear boolean := false;  tries int := 0;  dare float8;  stall float8 := patience;
  blockers text;  advice text;  item text;  given text;
BEGIN
  IF pg_catalog.current_setting('server_version_num')::int OPERATOR(pg_catalog.<) 130000 THEN
    RAISE feature_not_supported USING MESSAGE = 'this script needs Postgres 13 or newer',
      DETAIL = 'Nothing was changed.', HINT = 'Upgrade the server.';
  END IF;

  SELECT pg_catalog.jsonb_object_agg(key, pg_catalog.current_setting(key)) INTO saved
    FROM pg_catalog.jsonb_each_text(local) WHERE pg_catalog.current_setting(key, true) IS NOT NULL;
  PERFORM pg_catalog.set_config(key, value, true) FROM pg_catalog.jsonb_each_text(local)
   WHERE pg_catalog.current_setting(key, true) IS NOT NULL;

  -- 1. Budgets. Postgres's own parser reads them: lock_timeout accepts what every time setting accepts. A setting
  --    that was once set locally reads '' ever after, hence nullif.
  FOR item, given IN VALUES ('migration.deadline', '1min'), ('migration.max_stall', '500ms') LOOP
    given := coalesce(nullif(current_setting(item, true), ''), given);
    BEGIN
      PERFORM set_config('lock_timeout', given, true);
      IF current_setting('lock_timeout') = '0' THEN RAISE invalid_parameter_value; END IF;
    EXCEPTION WHEN invalid_parameter_value THEN
      RAISE invalid_parameter_value USING MESSAGE = format('%s is %L, expected a positive time', item, given),
        DETAIL = 'Nothing was changed.', HINT = 'Write it like 500ms, 90s or 1min; a plain number is milliseconds.';
    END;
    max_stall := extract(epoch FROM current_setting('lock_timeout')::interval);  -- the last of the two stays
    began_at := extract(epoch FROM clock_timestamp());
    ends_at := coalesce(ends_at, began_at + max_stall);                          -- the first of the two stays
  END LOOP;
  -- A statement_timeout has been running since before this block and cannot be lifted from inside: end before it.
  ends_at := least(ends_at,
    extract(epoch FROM statement_timestamp()
      + 0.95 * nullif(current_setting('statement_timeout')::interval, '0')),
    extract(epoch FROM now() + 0.95 * nullif(current_setting('transaction_timeout', true)::interval, '0')));

  -- An ordinary autovacuum is cancelled once somebody has queued behind it for deadlock_timeout. A short one also
  -- makes this session, never a writer, the victim of a deadlock.
  given := current_setting('deadlock_timeout');
  BEGIN
    IF given::interval > '10ms' THEN
      SET LOCAL deadlock_timeout = '10ms';
      saved := saved || jsonb_build_object('deadlock_timeout', given);
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  yields_after := extract(epoch FROM current_setting('deadlock_timeout')::interval);

  -- 2. Which patients. A temporary table of that name would come first; current_schemas(false) leaves it out.
  SELECT c.oid, c.relkind, c.relowner, format('%I.%I', n.nspname, c.relname),
         CASE WHEN c.relispartition THEN 'the partitioned table ' || i.inhparent::regclass
              WHEN c.reloftype <> 0 THEN 'the type ' || c.reloftype::regtype END
    INTO root, kind, root_owner, label, parent
    FROM unnest(path) WITH ORDINALITY p(schema, place)
    JOIN pg_namespace n ON n.nspname = p.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'patients' AND c.relpersistence <> 't'
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
   ORDER BY p.place LIMIT 1;
  IF root IS NULL THEN
    RAISE undefined_table USING MESSAGE = format('there is no table patients in %s', array_to_string(path, ', ')),
      DETAIL = 'Nothing was changed.', HINT = 'Set search_path to the schema of patients.';
  ELSIF kind NOT IN ('r', 'p') THEN
    RAISE wrong_object_type USING MESSAGE = format('%s is not a table but a %s', label, CASE kind WHEN 'v' THEN 'view'
        WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'relation of another kind' END),
      DETAIL = 'Nothing was changed.', HINT = 'Run this against the table itself.';
  END IF;

  -- 3. Rounds. Each locks, if the last one found the way clear; compares; alters, if it has the lock; and otherwise
  --    looks who is in the way and decides whether to queue, to wait or to give up.
  speak_at := began_at + 0.2;
  not_before := began_at + 2 * patience;  -- by then a lock older than this script has shown its age
  LOOP
    BEGIN
      -- LOCK, queueing for `stall` in all: LOCK ONLY, one by one, because in a recursive LOCK or ALTER lock_timeout
      -- starts anew with every partition. If this block fails, its locks are given back at once.
      IF clear THEN
        clear := false;
        tries := tries + 1;
        tried_at := extract(epoch FROM clock_timestamp());
        FOR given IN
          -- An owner without grants may not LOCK; giving a table to its own owner takes the same lock and does no more.
          SELECT CASE WHEN has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
                   THEN format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', c.oid::regclass)
                   ELSE format('ALTER TABLE ONLY %s OWNER TO %s', c.oid::regclass, c.relowner::regrole) END
            FROM unnest(kin) WITH ORDINALITY k(oid, place) JOIN pg_class c USING (oid)
           WHERE c.relkind IN ('r', 'p') ORDER BY place
        LOOP
          EXECUTE format('SET LOCAL lock_timeout = %s',
            greatest(1, ceil((tried_at + stall - extract(epoch FROM clock_timestamp())) * 1000)));
          EXECUTE given;
        END LOOP;
        locked_at := extract(epoch FROM clock_timestamp());
      END IF;

      -- COMPARE, asking for no lock on patients: catalogues only, and pg_get_expr(…, 0), for pg_get_expr(…, table)
      -- locks the table.
      WITH RECURSIVE family AS (
        SELECT root AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN family f ON i.inhparent = f.oid
      ), storage AS (
        SELECT oid FROM family
        UNION SELECT c.reltoastrelid FROM pg_class c JOIN family f ON c.oid = f.oid
        UNION SELECT x.indexrelid FROM pg_index x JOIN family f ON x.indrelid = f.oid)
      SELECT (SELECT array_agg(oid ORDER BY oid <> root, oid) FROM family),
             (SELECT array_agg(file) FROM (SELECT pg_relation_filenode(oid) AS file FROM storage) s WHERE file IS NOT NULL)
        INTO kin, files;
      IF NOT files_before <@ files THEN
        RAISE assert_failure USING MESSAGE = format('%s would have been rewritten', label),
          DETAIL = 'Nothing was changed.', HINT = 'Report this: such a table is meant to be refused beforehand.';
      END IF;

      WITH spec AS (
        SELECT n, wanted[n][1] AS col, wanted[n][2] AS type, quote_literal(wanted[n][3]) AS preset
          FROM generate_subscripts(wanted, 1) n
      ), actual AS (
        SELECT s.*, k.oid AS rel, r.reltype AS row_type,
               a.attnum, a.atttypid, a.attgenerated, a.attidentity, a.attnotnull, a.attinhcount,
               format_type(a.atttypid, a.atttypmod) AS has_type,
               CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, 0) END AS has_preset,
               CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END AS has_collation
          FROM spec s CROSS JOIN unnest(kin) k(oid) JOIN pg_class r ON r.oid = k.oid
          LEFT JOIN pg_attribute a ON a.attrelid = k.oid AND a.attname = s.col AND NOT a.attisdropped
          LEFT JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = k.oid AND d.adnum = a.attnum
      ), drift AS MATERIALIZED (
        SELECT *, has_type <> type AS retype,
               attgenerated = '' AND CASE WHEN preset IS NULL THEN has_preset NOT LIKE 'NULL::%'
                 ELSE coalesce(has_preset NOT IN (preset || '::character varying', preset || '::text'), true) END AS represet,
               concat(has_type, ' COLLATE ' || has_collation, ' DEFAULT ' || has_preset,
                 CASE WHEN attgenerated <> '' THEN ' GENERATED' WHEN attidentity <> '' THEN ' IDENTITY' END,
                 CASE WHEN attnotnull THEN ' NOT NULL' END) AS is_now,
               bool_or(rel = root AND attnum IS NULL) OVER (PARTITION BY n) AS add,
               bool_or(rel = root AND attnotnull) OVER (PARTITION BY n) AS root_notnull
          FROM actual
      ), verdict AS MATERIALIZED (
        -- What an ALTER that only touches the catalogue cannot mend, or mends by losing something.
        SELECT *, CASE
            WHEN attnum IS NULL THEN NULL
            WHEN atttypid NOT IN ('text'::regtype, 'varchar'::regtype) THEN 'its values would have to be converted'
            WHEN attgenerated <> '' OR attidentity <> '' THEN 'its values are generated'
            WHEN has_collation IS NOT NULL THEN 'its order would change'
            WHEN add AND (retype OR represet) OR attnotnull AND root_notnull IS NOT true THEN 'only this child is so'
            WHEN rel = root AND attinhcount > 0 AND (retype OR attnotnull) THEN 'it is inherited'
            WHEN attnotnull AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = rel AND attnum = ANY (x.indkey)
                                          AND (x.indisprimary OR x.indisreplident)) THEN 'it is part of a key'
            WHEN retype AND EXISTS (SELECT FROM pg_depend k WHERE k.classid = 'pg_class'::regclass AND k.objid = rel
                                       AND k.objsubid = attnum AND k.refobjid = rel) THEN 'it is part of the partition key'
            -- A new type is free for a plain index, unique or not. Postgres refuses it under views, policies, triggers,
            -- row types, scans the table for a CHECK, rebuilds indexes on expressions, partial and partitioned ones.
            WHEN retype THEN (
              SELECT 'it is used by ' || string_agg(DISTINCT pg_describe_object(u.classid, u.objid, u.objsubid), ', ')
                FROM pg_depend u
                LEFT JOIN pg_index x ON u.classid = 'pg_class'::regclass AND x.indexrelid = u.objid
                LEFT JOIN pg_constraint c ON u.classid = 'pg_constraint'::regclass AND c.oid = u.objid
               WHERE (u.refclassid = 'pg_class'::regclass AND u.refobjid = rel AND u.refobjsubid = attnum
                   OR u.refclassid = 'pg_type'::regclass AND u.refobjid = row_type
                      AND u.classid = 'pg_class'::regclass AND u.deptype = 'n')
                 AND NOT (u.classid = 'pg_attrdef'::regclass AND u.deptype = 'a')
                 AND c.contype IS DISTINCT FROM 'n'
                 AND NOT (cardinality(kin) = 1 AND (c.contype IS NOT DISTINCT FROM 'u'
                   OR x.indexrelid IS NOT NULL AND x.indexprs IS NULL AND x.indpred IS NULL)))
          END AS obstacle
          FROM drift
      ), plan AS (
        SELECT n, col, add, min(is_now) FILTER (WHERE retype OR represet OR attnotnull) AS was, concat_ws(', ',
                 CASE WHEN add THEN format('ADD COLUMN %I %s', col, concat(type, ' DEFAULT ' || preset)) END,
                 CASE WHEN bool_or(retype) THEN format('ALTER COLUMN %I TYPE %s', col, type) END,
                 CASE WHEN bool_or(represet) OR bool_or(retype) AND preset IS NOT NULL
                      THEN format('ALTER COLUMN %I %s', col, coalesce('SET DEFAULT ' || preset, 'DROP DEFAULT')) END,
                 CASE WHEN bool_or(attnotnull) THEN format('ALTER COLUMN %I DROP NOT NULL', col) END) AS alters,
               string_agg(format('%s.%I is %s, expected %s (%s)', rel::regclass, col, is_now,
                 concat(type, ' DEFAULT ' || preset), obstacle), E'\n' ORDER BY rel <> root, rel)
                 FILTER (WHERE obstacle IS NOT NULL) AS misfit
          FROM verdict GROUP BY n, col, add, type, preset)
      SELECT string_agg(alters, ', ' ORDER BY n), array_agg(misfit ORDER BY n) FILTER (WHERE misfit IS NOT NULL),
             concat_ws('; ', 'added ' || string_agg(col, ', ' ORDER BY n) FILTER (WHERE add), 'changed ' ||
               string_agg(format('%s (was %s; existing values stay)', col, was), ', ' ORDER BY n) FILTER (WHERE NOT add))
        INTO steps, misfits, summary
        FROM plan WHERE alters <> '' OR misfit IS NOT NULL;

      IF misfits IS NOT NULL THEN
        RAISE datatype_mismatch USING MESSAGE = split_part(misfits[1], E'\n', 1),
          DETAIL = format(E'Nothing was changed. %s of %s columns differ in ways this script must not change:\n%s',
            cardinality(misfits), array_length(wanted, 1), array_to_string(misfits, E'\n')),
          HINT = 'Make way for the expected columns (rename or convert these, drop what uses them), then run this again.';
      END IF;
      EXIT WHEN steps IS NULL;
      IF done IS NOT NULL THEN
        RAISE assert_failure USING MESSAGE = format('%s still differs after %s', label, done),
          DETAIL = format('Nothing was changed. Left over: %s', steps), HINT = 'Report this.';
      END IF;

      -- There is work: is it ours to do?
      IF parent IS NOT NULL THEN
        RAISE wrong_object_type USING MESSAGE = format('%s takes its columns from %s', label, parent),
          DETAIL = 'Nothing was changed.', HINT = format('Change %s instead.', parent);
      ELSIF current_setting('transaction_read_only')::boolean THEN
        RAISE read_only_sql_transaction USING MESSAGE = format('%s cannot be changed %s', label,
            CASE WHEN pg_is_in_recovery() THEN 'on a standby' ELSE 'in a read-only transaction' END),
          DETAIL = 'Nothing was changed.', HINT = 'Connect to the primary, with default_transaction_read_only = off.';
      ELSIF NOT (SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY (kin)) THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of %s', label),
          DETAIL = 'Nothing was changed.', HINT = format('Run this as %s.', root_owner);
      END IF;

      -- ALTER, once; the next round compares again and finds nothing left to do.
      IF locked_at IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', root::regclass, steps);
        files_before := files;
        done := summary;
        CONTINUE;
      END IF;
    EXCEPTION
      WHEN lock_not_available OR deadlock_detected THEN
        locked_at := NULL;
        stubborn := stubborn || vacuums;  -- cancelled in vain: it prevents wraparound
        -- Let the writers who queued behind us recover for several times as long as they stood.
        not_before := extract(epoch FROM clock_timestamp()) + stall * (4 + 2 * random());
      WHEN duplicate_column THEN  -- in repeatable read, COMPARE sees the catalogue as it was when the transaction began
        RAISE serialization_failure USING MESSAGE = format('%s was changed by somebody else meanwhile', label),
          DETAIL = 'Nothing was changed.', HINT = 'Run this again.';
    END;

    -- LOOK who holds the table, and since when by our own watch: pg_locks is open to every role, the age of other
    -- roles' transactions is not. An SIReadLock holds up nobody; an autovacuum that will give way does not count.
    admitted := admitted OR pg_try_advisory_xact_lock(ticket, root::int);
    PERFORM pg_stat_clear_snapshot();  -- else pg_stat_activity would not change within a transaction
    looked_at := extract(epoch FROM clock_timestamp());
    budget := greatest(0.001, 0.75 * max_stall - 0.002 * cardinality(kin));  -- ALTER takes 1 to 2 ms a partition
    SELECT coalesce(jsonb_object_agg(vxid, coalesce((holders ->> vxid)::float8, CASE WHEN holders IS NULL THEN 0 ELSE looked_at END))
                      FILTER (WHERE NOT yields), '{}'),
           coalesce(array_agg(vxid) FILTER (WHERE yields), '{}')
      INTO known, vacuums
      FROM (SELECT l.virtualtransaction AS vxid, bool_or(CASE WHEN l.mode = 'ShareUpdateExclusiveLock' THEN
                     yields_after + patience <= budget AND l.virtualtransaction <> ALL (stubborn)
                     AND EXISTS (SELECT FROM pg_stat_activity s WHERE s.pid = l.pid AND s.usesysid IS NULL
                                    AND s.query NOT LIKE '%(to prevent wraparound)') ELSE false END) AS yields
              FROM pg_locks l
             WHERE l.locktype = 'relation' AND l.relation = ANY (kin) AND l.mode <> 'SIReadLock'
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND l.pid IS DISTINCT FROM pg_backend_pid()
             GROUP BY l.virtualtransaction) h;
    oldest := coalesce(looked_at - (SELECT min(greatest(value::float8, began_at)) FROM jsonb_each_text(known)), 0);

    -- LEARN from the old ones that left how long they last here. Whenever one left and others, old by then, had taken
    -- over, we dare to queue a little longer: waiting for them all to be gone may take for ever.
    gone := ARRAY(SELECT looked_at - value::float8 FROM jsonb_each_text(holders)
                   WHERE known -> key IS NULL AND value <> '0' AND looked_at - value::float8 > patience);
    lives := (gone || lives)[1:64];
    handovers := handovers + (gone <> '{}' AND oldest > patience)::int;
    holders := known;
    dare := least(budget, patience * 1.25 ^ least(handovers, 100));
    IF dare < ANY (gone) THEN  -- the next of its kind may have come in its place: let it show its age
      not_before := greatest(not_before, looked_at + 2 * patience);
    END IF;
    stall := greatest(dare * (0.8 + 0.2 * random()), CASE WHEN vacuums <> '{}' THEN yields_after + patience END);

    -- DECIDE. The chance that every old holder leaves in time: of those that had lived as long, how many lived no
    -- longer than that. One that has outlived them all gives none, nor does one of unknown age. The nearer the
    -- deadline, the less will do.
    SELECT coalesce(exp(sum(ln(greatest(p, 1e-6)))), 1) INTO chance FROM (
      SELECT (count(*) FILTER (WHERE life < age + 0.8 * dare))::float8 / (count(*) + 1) AS p
        FROM (SELECT key, CASE value WHEN '0' THEN 'infinity' ELSE looked_at - value::float8 END AS age
                FROM jsonb_each_text(holders)) h
        LEFT JOIN unnest(lives) life ON life > age
       WHERE age > patience GROUP BY key) old;
    clear := admitted AND looked_at >= not_before AND looked_at + stall < ends_at
             AND chance >= greatest(0.02, 0.5 * (ends_at - looked_at) / (ends_at - began_at));
    CONTINUE WHEN clear;

    -- SAY what we wait for, now and then; at the deadline, give up and say it.
    IF looked_at >= least(speak_at, ends_at) THEN
      speak_at := looked_at + 5;
      SELECT string_agg(concat_ws(', ', what, 'pid ' || pid, 'application ' || quote_ident(application),
                                  round(age::numeric, 1) || ' s'), E'\n' ORDER BY age DESC),
             (array_agg(remedy ORDER BY age DESC))[1]
        INTO blockers, advice
        FROM (SELECT DISTINCT ON (l.virtualtransaction) l.pid, nullif(s.application_name, '') AS application, k.what, k.remedy,
                     looked_at - least(coalesce(nullif((holders ->> l.virtualtransaction)::float8, 0), began_at),
                                       extract(epoch FROM coalesce(s.xact_start, p.prepared))) AS age
                FROM pg_locks l
                LEFT JOIN pg_stat_activity s ON s.pid = l.pid
                -- A prepared transaction has no pid; its transaction id is among its own locks.
                LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
                                    AND x.virtualtransaction = l.virtualtransaction
                LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
                CROSS JOIN LATERAL (VALUES
                  (1, l.locktype = 'advisory', 'another migration',
                      'Wait for it to end'),
                  (2, l.pid IS NULL, 'prepared transaction ' || quote_literal(p.gid),
                      'Finish it with COMMIT PREPARED or ROLLBACK PREPARED'),
                  (3, s.usesysid IS NULL AND s.query LIKE '%(to prevent wraparound)', 'anti-wraparound autovacuum',
                      'Let it finish'),
                  (4, s.usesysid IS NULL, 'autovacuum',
                      'Let it finish (or let this role set deadlock_timeout: superuser, GRANT SET ON PARAMETER from 15 on)'),
                  (5, s.state LIKE 'idle in transaction%', 'idle in transaction',
                      'Have it commit, or end it with pg_terminate_backend(pid)'),
                  (6, s.state IS NULL, 'old transaction',
                      'Let it finish, or have a role with pg_read_all_stats say what it is'),
                  (7, true, 'long transaction',
                      'Let it finish, or end it with pg_terminate_backend(pid)')) k(place, fits, what, remedy)
               WHERE k.fits AND s.leader_pid IS NULL AND l.pid IS DISTINCT FROM pg_backend_pid()
                 AND (holders -> l.virtualtransaction IS NOT NULL
                   OR l.locktype = 'advisory' AND l.classid = ticket AND l.objid = root AND l.objsubid = 2 AND l.granted)
               ORDER BY l.virtualtransaction, k.place, p.gid) b
       WHERE age > patience;
      IF looked_at >= ends_at THEN
        RAISE lock_not_available
          USING MESSAGE = format('%s was never free within %s s', label, round((looked_at - began_at)::numeric, 1)),
          DETAIL = format(E'Nothing was changed. Tried %s times. In the way:\n%s', tries,
                          coalesce(blockers, 'short transactions that never stop overlapping')),
          HINT = coalesce(advice, 'Raise migration.deadline or migration.max_stall') || ', then run this again.';
      ELSIF blockers IS NOT NULL THEN
        RAISE NOTICE '%: waiting for %', label, replace(blockers, E'\n', '; ');
      END IF;
    END IF;
    -- The longer it has lasted, the calmer we look; never for more than a quarter of the time.
    PERFORM pg_sleep(greatest(0, least(ends_at - looked_at, (1 + 0.5 * random()) * greatest(
      CASE WHEN admitted THEN least(0.05, 0.008 + oldest / 100) ELSE 0.05 END,
      3 * (extract(epoch FROM clock_timestamp()) - looked_at)))));
  END LOOP;

  -- 4. Nothing left to do.
  looked_at := extract(epoch FROM clock_timestamp());
  IF done IS NOT NULL THEN
    RAISE NOTICE '%: %; waited % s; tries: %; lock held % ms', label, done, round((tried_at - began_at)::numeric, 2), tries,
      round(((looked_at - locked_at) * 1000)::numeric, 1);
  ELSE
    RAISE NOTICE '%: nothing to do', label;
  END IF;
  PERFORM set_config(key, value, true) FROM jsonb_each_text(saved);
END
$$;
