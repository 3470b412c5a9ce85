-- 02_tenant_isolation_down: takes back what 02_tenant_isolation.sql made.
--
-- What it does     Drops the policies of the clinic's role and takes its rights away, on every table in the schemas
--                  of search_path that has them; and the role, if that script made it and no other database uses it.
--                  Row security is turned off where that script turned it on and nobody has made policies since;
--                  elsewhere it stays as it is, rows_as_before included. Nobody else sees another row than before.
--                  Run again, it does nothing.
-- What then        Sessions of one clinic no longer begin: Postgres would not keep them to it. So it refuses while
--                  somebody may take the role.
-- The rule         It stands in the lock queue only when whoever has held the tables of the clinics for over 25 ms is likely to leave
--                  within its allowance (of those seen to last as long, three in four did), and never for longer than
--                  that. The allowance is 25 ms at first; whenever an old transaction leaves and another is already
--                  in its place it grows by a quarter, up to three quarters of max_stall.
-- What it locks    the tables of the clinics, with partitions and children: ACCESS EXCLUSIVE, once, for some milliseconds, and 1 to 2
--                  more for each partition, which max_stall cannot shorten. Hot standbys replay it.
-- What else it     Where this role may set deadlock_timeout it cancels an ordinary autovacuum of the tables of the clinics, and
-- does to others   log_lock_waits speaks after 10 ms. It reads pg_locks up to 100 times a second. An advisory lock
--                  (20010101, oid of the first table) admits one runner.
-- How to run it    psql -X -v ON_ERROR_STOP=1 -f 02_tenant_isolation_down.sql, as the owner, or
--                  alembic -c migrations/tenant_isolation.ini downgrade base. In a transaction of yours the lock lasts until you commit.
--                  Of several tables of one name, search_path decides which.
-- Its budgets      PGOPTIONS="-c migration.deadline=2min" psql …    or    alembic -x deadline=2min …
--                    migration.deadline   1min   how long it may wait; a shorter statement_timeout wins
--                    migration.max_stall  500ms  the longest it may hold up a writer
--                    migration.ask        no     yes: only say what would be done; no lock, no change
--                    migration.tenant_role    orchestrator_tenant, or the clinic's role
--                    migration.drop_isolation no    yes: though somebody may take the role
-- How it ends      00000  done, or nothing to do. With any other code nothing was changed:
--                  0A000  a server before Postgres 13          22023  a wrong budget, or too little time to try
--                  42P01  no such table on the search_path     42809  not a table
--                  2BP01  somebody may take the role: DETAIL says who
--                  25006  a read-only session or a standby     42501  not the owner
--                  P0004  a safety check of the script itself failed: report it
--                  55P03  old transactions held the tables of the clinics until the deadline: DETAIL names them
--                  40001  in repeatable read, somebody else migrated meanwhile: run it again
--                  A role with pg_read_all_stats gets better names in DETAIL; the protection is the same.

DO $$
DECLARE
  role_name pg_catalog.text;  -- the clinic's role
  role      pg_catalog.oid;
  known_budgets CONSTANT pg_catalog.text[] := ARRAY['migration.deadline', 'migration.max_stall', 'migration.ask', 'migration.tenant_role', 'migration.drop_isolation'];

  -- The numbers of the rule, and of manners. Times are in seconds, here and below.
  patience    CONSTANT double precision := 0.025;  -- a lock held for longer is an old one; most are shorter by far
  growth      CONSTANT double precision := 1.25;   -- of the allowance: from 25 ms to 375 ms in twelve steps
  likely      CONSTANT double precision := 0.75;   -- three in four
  surely      CONSTANT double precision := 0.8;    -- part of the allowance: ages are known to a look or two
  usable      CONSTANT double precision := 0.75;   -- part of max_stall: the rest is for the change and for waking up
  per_table   CONSTANT double precision := 0.002;  -- what the change takes for each partition
  least_time  CONSTANT double precision := 0.1;    -- to see who is old, to queue once and to change
  in_time     CONSTANT double precision := 0.95;   -- part of a statement_timeout: it must not strike first
  rest        CONSTANT double precision := 4;      -- times as long as it stood in vain, for writers to recover
  look_every  CONSTANT double precision := 0.01;   -- or, where looking takes long, a quarter of the time
  look_calmly CONSTANT double precision := 0.05;   -- after some seconds, or behind another runner
  ticket      CONSTANT integer := 20010101;        -- and the first table's oid: the advisory lock of the one runner

  -- Settings of this block alone. Names and operators are Postgres's own, whatever search_path holds. Catalogues of
  -- a clinic network are large: read them by index, planned once, and let no JIT compilation happen under the lock.
  -- Citus repeats SET LOCAL on its workers when told to (set_config() it never does).
  local CONSTANT pg_catalog.jsonb := '{"search_path": "pg_catalog, pg_temp", "quote_all_identifiers": "off",
    "lock_timeout": "0", "jit": "off", "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
    "citus.propagate_set_commands": "local"}';
  saved pg_catalog.jsonb;  -- what they were, for the rest of a caller's transaction
  path  CONSTANT pg_catalog.text[] := pg_catalog.current_schemas(false);

  began_at double precision;    ends_at double precision;    looked_at double precision;  speak_at double precision;
  not_before double precision;  locked_at double precision;  max_stall double precision;  budget double precision;
  allowance double precision := patience;  stall double precision;  yields_after double precision;
  wrong     pg_catalog.text;    -- what is wrong with the budgets
  tables    pg_catalog.record;  -- what the names stand for: oids and label; what speaks against them
  catalogue pg_catalog.record;  -- kin (tables, partitions, children), their files, a stranger who owns one; state
  compared  bigint;             -- the state for which the plan was made; NULL: compare anew
  plan      pg_catalog.record;  -- statements and summary; what speaks against them
  look      pg_catalog.record;  -- blockers (a virtual transaction, since when it is seen; 0: it was there before us);
                                -- vacuums that will give way; how long those lasted who left; is any old, are all leaving
  item      pg_catalog.record;  -- what a loop is at
  done pg_catalog.text;  files_before pg_catalog.oid[];  lives double precision[];  stubborn pg_catalog.text[] := '{}';
  admitted boolean := false;  tries integer := 0;
BEGIN
  IF pg_catalog.current_setting('server_version_num')::integer OPERATOR(pg_catalog.<) 130000 THEN
    RAISE feature_not_supported USING MESSAGE = 'this script needs Postgres 13 or newer', DETAIL = 'Nothing was changed.';
  END IF;
  SELECT pg_catalog.jsonb_object_agg(key, pg_catalog.current_setting(key)) INTO saved
    FROM pg_catalog.jsonb_each_text(local) WHERE pg_catalog.current_setting(key, true) IS NOT NULL;
  PERFORM pg_catalog.set_config(key, value, true) FROM pg_catalog.jsonb_each_text(local)
    WHERE pg_catalog.current_setting(key, true) IS NOT NULL;

  -- 1. Budgets. Postgres's own parser reads them: lock_timeout accepts what every time setting accepts. A setting
  --    that was once set locally reads '' ever after, hence nullif.
  FOR item IN SELECT * FROM (VALUES ('migration.deadline', '1min'), ('migration.max_stall', '500ms')) b(name, usual) LOOP
    BEGIN
      PERFORM set_config('lock_timeout', coalesce(nullif(current_setting(item.name, true), ''), item.usual), true);
      IF current_setting('lock_timeout') = '0' THEN RAISE invalid_parameter_value; END IF;
    EXCEPTION WHEN invalid_parameter_value THEN
      wrong := format('%s is %L, expected a positive time', item.name, current_setting(item.name));
    END;
    max_stall := extract(epoch FROM current_setting('lock_timeout')::interval);  -- the last of the two stays
    began_at := coalesce(began_at, extract(epoch FROM clock_timestamp()));
    ends_at := coalesce(ends_at, began_at + max_stall);                          -- the first of the two stays
  END LOOP;
  -- Such settings cannot be listed, so every name that is one letter away from a budget's is tried.
  SELECT coalesce(wrong, min(format('there is no budget %s, expected %s', typo, known))) INTO wrong
    FROM unnest(known_budgets) known, generate_series(length('migration.') + 1, length(known) + 1) place,
         unnest('{"",_,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z}'::text[]) letter,
         unnest(ARRAY[overlay(known PLACING letter FROM place FOR 1), overlay(known PLACING letter FROM place FOR 0)]) typo
   WHERE typo <> ALL (known_budgets) AND nullif(current_setting(typo, true), '') IS NOT NULL;
  -- A statement_timeout has been running since before this block and cannot be lifted from inside: end before it.
  ends_at := least(ends_at,
    extract(epoch FROM statement_timestamp() + in_time * nullif(current_setting('statement_timeout')::interval, '0')),
    extract(epoch FROM now() + in_time * nullif(current_setting('transaction_timeout', true)::interval, '0')));
  -- An ordinary autovacuum is cancelled once somebody has queued behind it for deadlock_timeout. A short one also
  -- makes this session the victim of a deadlock, never a writer.
  saved := saved || jsonb_build_object('deadlock_timeout', current_setting('deadlock_timeout'));
  BEGIN
    SET LOCAL deadlock_timeout = '10ms';
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  yields_after := extract(epoch FROM current_setting('deadlock_timeout')::interval);

  -- 2. Which tables. A temporary one of that name would come first; current_schemas(false) leaves it out.
  SELECT array_agg(c.oid ORDER BY w.place) AS oids, string_agg(c.label, ', ' ORDER BY w.place) AS label,
         string_agg(w.name, ', ' ORDER BY w.place) FILTER (WHERE c.oid IS NULL) AS missing,
         min(format('%s is no table: %s', c.label, what)) FILTER (WHERE c.relkind NOT IN ('r', 'p')) AS no_table,
         min(c.label || ' takes its columns from ' || bound_to) AS bound
    INTO tables
    FROM unnest('{tenants}'::text[] || ARRAY(SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ANY (path) AND c.relname <> 'tenants' AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname IN ('tenant_rows', 'tenant_rows_only')) ORDER BY 1)) WITH ORDINALITY w(name, place) LEFT JOIN LATERAL (
      SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS label,
             pg_describe_object('pg_class'::regclass, c.oid, 0) AS what,
             CASE WHEN c.relispartition THEN (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid)
                  WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS bound_to
        FROM unnest(path) WITH ORDINALITY p(schema, place) JOIN pg_namespace n ON n.nspname = p.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relpersistence <> 't'
       ORDER BY p.place LIMIT 1) c ON true;

  -- 3. Rounds. Each compares, where the catalogue has moved since the last comparison; changes, if it has the lock;
  --    and otherwise looks who is in the way, and queues, waits or gives up.
  SELECT NULL::jsonb AS blockers INTO look;
  speak_at := began_at + 0.2;
  not_before := began_at + 2 * patience;  -- by then a lock older than this script has shown its age
  LOOP
    -- MOVED? What the catalogue says of the tables, by the transactions that wrote it.
    WITH RECURSIVE kin AS (
      SELECT unnest(tables.oids) AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN kin ON i.inhparent = kin.oid
    ), versions AS (
      SELECT format('%s %s', oid, c.xmin) AS v FROM kin JOIN pg_class c USING (oid)
      UNION ALL SELECT format('%s %s %s', oid, attnum, a.xmin) FROM kin JOIN pg_attribute a ON attrelid = oid
      UNION ALL SELECT format('%s %s %s', oid, objid, d.xmin) FROM kin
                  JOIN pg_depend d ON refclassid = 'pg_class'::regclass AND refobjid = oid)
    SELECT ARRAY(SELECT oid FROM kin ORDER BY array_position(tables.oids, oid), oid) AS kin,
           ARRAY(SELECT pg_relation_filenode(f) FROM (SELECT oid FROM kin UNION SELECT indexrelid FROM kin
             JOIN pg_index ON indrelid = oid) s(f) WHERE pg_relation_filenode(f) IS NOT NULL) AS files,
           (SELECT min(relowner::regrole::text) FROM kin JOIN pg_class USING (oid) WHERE NOT pg_has_role(relowner, 'USAGE')) AS stranger,
           (SELECT coalesce(hashtextextended(string_agg(v, ',' ORDER BY v), 0), 0) FROM versions) AS state
      INTO catalogue;

    -- COMPARE, asking for no lock: catalogues only, and pg_get_expr(…, 0), for pg_get_expr(…, table) locks the table.
    IF catalogue.state IS DISTINCT FROM compared THEN
      compared := catalogue.state;
      role_name := coalesce(nullif(current_setting('migration.tenant_role', true), ''), 'orchestrator_tenant');
      role := (SELECT oid FROM pg_roles WHERE rolname = role_name);
      WITH kept AS (
        SELECT k.oid, place, k.oid::regclass AS label, c.relnamespace::regnamespace AS schema
          FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, place) JOIN pg_class c USING (oid)
      ), policies AS (
        SELECT k.*, polname AS name, polname = 'rows_as_before' AS opens, polname IN ('tenant_rows', 'tenant_rows_only') AND polroles = ARRAY[role] AS ours
          FROM kept k JOIN pg_policy ON polrelid = k.oid
      ), opened AS (
        -- Where our own policies are all there are, that script turned row security on.
        SELECT place, label FROM policies GROUP BY place, label HAVING bool_or(opens) AND bool_or(ours) AND bool_and(opens OR ours)
      ), steps AS (
        SELECT place, 1 AS part, format('DROP POLICY %I ON %s', name, label) AS command, format('policy %I of %s', name, label) AS what FROM policies WHERE ours
        UNION ALL
        SELECT place, 2, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY; DROP POLICY rows_as_before ON %1$s', label), format('row security of %s', label) FROM opened
        UNION ALL
        SELECT DISTINCT place, 3, format('REVOKE ALL ON %s FROM %I', label, role_name), format('rights on %s', label)
          FROM kept JOIN pg_class USING (oid), aclexplode(relacl) g WHERE g.grantee = role
        UNION ALL
        SELECT DISTINCT place, 3, format('REVOKE ALL ON SEQUENCE %s FROM %I', d.objid::regclass, role_name), format('rights on %s', d.objid::regclass)
          FROM kept k JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = k.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S', aclexplode(s.relacl) g WHERE g.grantee = role
        UNION ALL
        SELECT DISTINCT 0, 3, format('REVOKE USAGE ON SCHEMA %s FROM %I', schema, role_name), format('rights on schema %s', schema)
          FROM kept JOIN pg_namespace n ON n.oid = schema, aclexplode(nspacl) g WHERE g.grantee = role AND g.privilege_type = 'USAGE'
        UNION ALL
        SELECT 1000000, 4, format($role$DO $drop$
          BEGIN
            DROP ROLE %I;
          EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
            RAISE NOTICE 'role %1$s stays: %%', SQLERRM;
          END $drop$ $role$, role_name), NULL
         WHERE done IS NULL AND shobj_description(role, 'pg_authid') = 'Made by 02_tenant_isolation.sql'
      )
      SELECT array_agg(command ORDER BY place, part, command) AS statements, 'dropped ' || string_agg(what, ', ' ORDER BY place, part, command) AS summary,
             (SELECT string_agg(DISTINCT member::regrole::text, ', ') FROM pg_auth_members m
               WHERE roleid = role AND (coalesce(to_jsonb(m) ->> 'set_option', 't') LIKE 't%'
                                     OR coalesce(to_jsonb(m) ->> 'inherit_option', 't') LIKE 't%')) AS members
        INTO plan FROM steps HAVING count(what) > 0;
      FOR item IN SELECT * FROM (VALUES
        (1, wrong IS NOT NULL, '22023', wrong, NULL, 'Write a time like 500ms, 90s or 1min; a plain number is milliseconds.'),
        (2, tables.missing IS NOT NULL, '42P01', format('there is no table %s on search_path %s', tables.missing,
            saved ->> 'search_path'), NULL, 'Set search_path to the schema it is in.'),
        (3, tables.no_table IS NOT NULL, '42809', tables.no_table, NULL, 'Run this against the table itself.'),
        (5, plan.members IS NOT NULL AND current_setting('migration.drop_isolation', true) IS DISTINCT FROM 'yes', '2BP01',
            format('sessions of one clinic may be at work as %I', role_name), format('These may take it: %s.', plan.members),
            'REVOKE it from them; or, to drop it all the same, PGOPTIONS="-c migration.drop_isolation=yes" psql, or alembic -x drop_isolation=yes.'),
        (6, plan.statements IS NOT NULL AND current_setting('transaction_read_only')::boolean, '25006', format('%s cannot be '
            'changed %s', tables.label, CASE WHEN pg_is_in_recovery() THEN 'on a standby' ELSE 'in a read-only transaction' END),
            NULL, 'Connect to the primary, with default_transaction_read_only = off.'),
        (7, plan.statements IS NOT NULL AND catalogue.stranger IS NOT NULL, '42501', format('must be owner of %s', tables.label),
            NULL, format('Run this as %s.', catalogue.stranger)),
        (8, plan.statements IS NOT NULL AND ends_at - began_at < least_time, '22023', format('%s ms are too little time to try',
            round((ends_at - began_at) * 1000)), NULL, 'Give migration.deadline and statement_timeout more.'),
        (9, NOT files_before <@ catalogue.files OR done <> '' AND plan.statements IS NOT NULL, 'P0004',
            format('%s would have been rewritten, or still differs', tables.label),
            format(E'After: %s\nLeft over: %s', done, plan.statements), 'Report this.')
        ) refusal(place, applies, code, message, detail, hint) WHERE applies ORDER BY place LIMIT 1
      LOOP
        RAISE EXCEPTION USING ERRCODE = item.code, MESSAGE = item.message, HINT = item.hint,
          DETAIL = concat_ws(' ', 'Nothing was changed.', item.detail);
      END LOOP;
      EXIT WHEN plan.statements IS NULL OR compared IS NOT NULL AND current_setting('migration.ask', true) = 'yes';
    END IF;

    -- CHANGE, once; the next round compares again and finds nothing left to do.
    IF locked_at IS NOT NULL THEN
      files_before := catalogue.files;
      BEGIN
        FOR item IN SELECT unnest(plan.statements) AS command LOOP
          EXECUTE item.command;
        END LOOP;
      EXCEPTION WHEN duplicate_column OR undefined_column OR duplicate_object OR undefined_object THEN
        IF current_setting('transaction_isolation') = 'read committed' THEN RAISE; END IF;
        RAISE serialization_failure USING MESSAGE = format('%s was changed by somebody else meanwhile', tables.label),
          DETAIL = 'Nothing was changed.', HINT = 'Run this again.';
      END;
      done := plan.summary;
      compared := NULL;
      CONTINUE;
    END IF;

    -- LOOK who holds the tables, and since when by our own watch: pg_locks is open to every role, the age of other
    -- roles' transactions is not. An SIReadLock holds up nobody; an autovacuum that will give way is no blocker.
    admitted := admitted OR pg_try_advisory_xact_lock(ticket, tables.oids[1]::integer);
    PERFORM pg_stat_clear_snapshot();  -- else pg_stat_activity would not change within a transaction
    looked_at := extract(epoch FROM clock_timestamp());
    budget := greatest(0.001, usable * max_stall - per_table * cardinality(catalogue.kin));
    WITH held AS (
      SELECT vxid, yields, coalesce((look.blockers ->> vxid)::double precision,
               CASE WHEN look.blockers IS NULL THEN 0 ELSE looked_at END) AS since
        FROM (SELECT l.virtualtransaction AS vxid, coalesce(bool_or(l.mode = 'ShareUpdateExclusiveLock' AND s.usesysid IS NULL
                       AND s.query NOT LIKE '%(to prevent wraparound)' AND l.virtualtransaction <> ALL (stubborn)
                       AND yields_after + patience <= budget), false) AS yields
                FROM pg_locks l LEFT JOIN pg_stat_activity s USING (pid)
               WHERE l.locktype = 'relation' AND l.relation = ANY (catalogue.kin) AND l.mode <> 'SIReadLock'
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND l.pid IS DISTINCT FROM pg_backend_pid() GROUP BY 1) h)
    SELECT coalesce(jsonb_object_agg(vxid, since) FILTER (WHERE NOT yields), '{}') AS blockers,
           coalesce(array_agg(vxid) FILTER (WHERE yields), '{}') AS vacuums,
           coalesce(bool_or(NOT yields AND looked_at - since > patience), false) AS old,
           coalesce(bool_and(yields OR looked_at - since <= patience OR coalesce(likely <=
             (SELECT avg((looked_at - since + surely * allowance > life)::integer) FROM unnest(lives) life
               WHERE looked_at - since < life), false)), true) AS leaving,
           ARRAY(SELECT looked_at - value::double precision FROM jsonb_each_text(look.blockers) WHERE value <> '0'
                    AND looked_at - value::double precision > patience AND key NOT IN (SELECT vxid FROM held)) AS lasted
      INTO look FROM held;
    lives := (look.lasted || lives)[1:64];
    IF allowance < ANY (look.lasted) THEN  -- another may have come in its place: let it show its age
      not_before := greatest(not_before, looked_at + 2 * patience);
    END IF;
    IF look.lasted <> '{}' AND look.old THEN
      allowance := least(budget, allowance * growth);
    END IF;
    stall := greatest(least(allowance, budget), CASE WHEN look.vacuums <> '{}' THEN yields_after + patience END);

    -- QUEUE, by the rule. LOCK ONLY, one by one, because in a recursive LOCK or ALTER lock_timeout starts anew with
    -- every partition. If this fails, its locks are given back at once.
    IF admitted AND compared IS NOT NULL AND look.leaving AND looked_at BETWEEN not_before AND ends_at - stall THEN
      tries := tries + 1;
      BEGIN
        FOR item IN
          -- An owner without grants may not LOCK; giving a table to its own owner takes the same lock and does no more.
          SELECT format(CASE WHEN has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE') THEN 'LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE'
                   ELSE 'ALTER TABLE ONLY %s OWNER TO %s' END, oid::regclass, relowner::regrole) AS command
            FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, place) JOIN pg_class USING (oid)
           WHERE relkind IN ('r', 'p') ORDER BY place
        LOOP
          EXECUTE format('SET LOCAL lock_timeout = %s',
            greatest(1, ceil((looked_at + stall - extract(epoch FROM clock_timestamp())) * 1000)));
          EXECUTE item.command;
        END LOOP;
        locked_at := extract(epoch FROM clock_timestamp());
      EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        stubborn := stubborn || look.vacuums;  -- cancelled in vain: it prevents wraparound
        not_before := extract(epoch FROM clock_timestamp()) + stall * (rest + 2 * random());
      END;
      CONTINUE;
    END IF;

    -- SAY what we wait for, now and then; at the deadline, give up and say it.
    IF looked_at >= least(speak_at, ends_at) THEN
      speak_at := looked_at + 5;
      SELECT string_agg(concat_ws(', ', what, 'pid ' || pid, 'application ' || quote_ident(application),
                                  round(age::numeric, 1) || ' s'), E'\n' ORDER BY age DESC) AS blockers
        INTO item
        FROM (SELECT DISTINCT ON (l.virtualtransaction) l.pid, nullif(s.application_name, '') AS application,
                CASE WHEN l.locktype = 'advisory' THEN 'another migration'
                     WHEN l.pid IS NULL THEN 'prepared transaction ' || quote_literal(p.gid)
                     WHEN s.usesysid IS NULL AND s.query LIKE '%(to prevent wraparound)' THEN 'anti-wraparound autovacuum'
                     WHEN s.usesysid IS NULL THEN 'autovacuum'
                     WHEN s.state LIKE 'idle in transaction%' THEN 'idle in transaction'
                     WHEN s.state IS NULL THEN 'old transaction' ELSE 'long transaction' END AS what,
                looked_at - least(coalesce(nullif((look.blockers ->> l.virtualtransaction)::double precision, 0), began_at),
                                  extract(epoch FROM coalesce(s.xact_start, p.prepared))) AS age
                FROM pg_locks l LEFT JOIN pg_stat_activity s USING (pid)
                -- A prepared transaction has no pid; its transaction id is among its own locks.
                LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
                                    AND x.virtualtransaction = l.virtualtransaction
                LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
               WHERE s.leader_pid IS NULL AND l.pid IS DISTINCT FROM pg_backend_pid()
                 AND (l.locktype <> 'advisory' AND look.blockers -> l.virtualtransaction IS NOT NULL
                   OR l.locktype = 'advisory' AND l.classid = ticket AND l.objid = tables.oids[1] AND l.objsubid = 2 AND l.granted)
               ORDER BY l.virtualtransaction, l.locktype <> 'advisory', p.gid) b
       WHERE age > patience;
      IF looked_at >= ends_at THEN
        RAISE lock_not_available
          USING MESSAGE = format('%s was never free within %s s', tables.label, round((looked_at - began_at)::numeric, 1)),
          DETAIL = format(E'Nothing was changed. Tried %s times. In the way:\n%s', tries,
                          coalesce(item.blockers, 'short transactions that never stop overlapping')),
          HINT = 'Let them finish, or end them (pg_terminate_backend(pid), ROLLBACK PREPARED; an autovacuum gives way to a role '
                 'that may set deadlock_timeout), or give migration.deadline and max_stall more; then run this again.';
      ELSIF item.blockers IS NOT NULL THEN
        RAISE NOTICE '%: waiting for %', tables.label, replace(item.blockers, E'\n', '; ');
      END IF;
    END IF;
    PERFORM pg_sleep(greatest(0, least(ends_at - looked_at, (1 + 0.5 * random()) * greatest(look_every,
      least(look_calmly, CASE WHEN admitted THEN (looked_at - began_at) / 100 END),
      3 * (extract(epoch FROM clock_timestamp()) - looked_at)))));
  END LOOP;

  -- 4. Nothing left to do.
  IF done IS NOT NULL THEN
    RAISE NOTICE '%: %; waited % s; tries: %; lock held % ms', tables.label, done, round((locked_at - began_at)::numeric, 2),
      tries, round(((extract(epoch FROM clock_timestamp()) - locked_at) * 1000)::numeric, 1);
  ELSE
    RAISE NOTICE '%: %', tables.label, coalesce('asked only, so not done: ' || plan.summary, 'nothing to do');
  END IF;
  PERFORM set_config(key, value, true) FROM jsonb_each_text(saved) WHERE current_setting(key) IS DISTINCT FROM value;
END
$$;
