-- 02_tenant_isolation_down: takes back what 02_tenant_isolation.sql made.
-- What it does     Drops the policies of the clinic's role and takes its rights away, on every table in the schemas of
--                  search_path that has them; and the role, if that script made it and no other database uses it. Row security is
--                  turned off where that script turned it on and nobody has made policies since; elsewhere it stays as it is,
--                  rows_as_before included. Nobody else sees another row than before. Run again, it does nothing.
-- What then        Sessions of one clinic no longer begin: Postgres would not keep them to it. So it refuses while somebody may
--                  take the role.
-- The rule         It stands in the lock queue only when whoever has held the tables of the clinics for over 25 ms is likely to
--                  leave within its allowance (three in four that lasted as long did), and never for longer. The allowance is 25
--                  ms; it grows by a quarter, up to three quarters of max_stall, after each try in vain, and when an old
--                  transaction leaves with another in its place.
-- What it locks    the tables of the clinics, with partitions and children: ACCESS EXCLUSIVE, once, for some milliseconds and 1
--                  to 2 more for each partition, which max_stall cannot shorten. Hot standbys replay it. On Citus: run it on the
--                  coordinator.
-- Others notice    An ordinary autovacuum is cancelled where this role may set deadlock_timeout and is in pg_read_all_stats; then
--                  log_lock_waits speaks after 10 ms. pg_locks is read up to 100 times a second. Advisory lock (20010101, oid).
-- How to run it    As the owner: PGOPTIONS="-c migration.deadline=2min" psql -X -v ON_ERROR_STOP=1 -f 02_tenant_isolation_down.sql
--                  or alembic -x deadline=2min -c migrations/tenant_isolation.ini downgrade base. The lock ends with the transaction.
-- Its budgets      migration.deadline   1min   how long it may wait; a shorter statement_timeout wins
--                  migration.max_stall  500ms  the longest it may hold up a writer
--                  migration.ask        no     yes: only say what would be done; no lock, no change
--                    migration.tenant_role    orchestrator_tenant, or the clinic's role
--                    migration.drop_isolation no    yes: though somebody may take the role
-- How it ends      00000  done, or nothing to do. With any other code nothing was changed:
--                  0A000  a server before Postgres 13    22023  a wrong budget, or too little time to try
--                  42P01  no such table on search_path   42809  not a table, or one whose columns come from elsewhere
--                  2BP01  somebody may take the role: DETAIL says who
--                  25006  read-only, or a standby        42501  not the owner        P0004  a check failed: report it
--                  55P03  old transactions held it until the deadline: DETAIL names them, best to pg_read_all_stats
--                  40001  in repeatable read, somebody else migrated meanwhile: run it again    P0001  an event trigger refused it
DO $$ DECLARE  -- first the numbers of the rule, and of manners; times are in seconds, here and below
  patience   CONSTANT double precision := 0.025;  -- a lock held for longer is an old one; most are shorter by far
  growth     CONSTANT double precision := 1.25;   -- of the allowance: from 25 ms to 375 ms in twelve steps
  likely     CONSTANT double precision := 0.75;   -- three in four
  usable     CONSTANT double precision := 0.75;   -- part of max_stall: the rest is for the change and for waking up
  per_table  CONSTANT double precision := 0.002;  -- what the change takes for each partition or shard
  rest       CONSTANT double precision := 4;      -- times as long as it stood in vain, for writers to recover
  look_every CONSTANT double precision := 0.01;   -- at most; later, or behind another runner, a fifth as often
  say_every  CONSTANT double precision := 5;
  ticket     CONSTANT integer := 20010101;        -- and the first table's oid: the advisory lock of the one runner
  -- Settings of this block alone. Names and operators are Postgres's own, whatever search_path holds. Catalogues are read by
  -- index, planned once, and nothing is compiled under the lock. Citus repeats SET LOCAL on its workers.
  local CONSTANT pg_catalog.jsonb := '{"search_path": "pg_catalog, pg_temp", "quote_all_identifiers": "off", "jit": "off",
    "lock_timeout": "0", "extra_float_digits": "1", "plan_cache_mode": "force_generic_plan", "citus.propagate_set_commands": "local",
    "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}';
  -- Who holds the tables $1, but for the session $2. pg_locks is open to every role, the age of other roles' transactions is not.
  -- An SIReadLock holds up nobody; and what Citus does on a node for a session elsewhere, that session holds there.
  holders CONSTANT pg_catalog.text := $q$SELECT coalesce(jsonb_agg(h), '[]') FROM (
    SELECT DISTINCT l.virtualtransaction AS vxid, l.pid, application_name AS application, extract(epoch FROM xact_start) AS begun,
           CASE WHEN l.pid IS NULL THEN (SELECT concat('prepared transaction ', quote_literal(gid), ' of ', prepared::timestamptz(0))
                  FROM pg_prepared_xacts p JOIN pg_locks x ON transactionid = transaction AND x.pid IS NULL  -- it locks its own id
                 WHERE x.virtualtransaction = l.virtualtransaction ORDER BY gid LIMIT 1)
                WHEN usesysid IS NULL AND query <> '' THEN concat(CASE WHEN query LIKE '%wraparound)' THEN 'anti-wraparound '
                  WHEN query NOT LIKE 'autovacuum:%' THEN 'unseen ' END, 'autovacuum')
                WHEN s.state LIKE 'idle in transaction%' THEN 'idle in transaction' ELSE 'long transaction' END AS what
      FROM pg_locks l LEFT JOIN pg_stat_activity s USING (pid)
     WHERE locktype = 'relation' AND mode <> 'SIReadLock' AND relation IN (SELECT to_regclass(t) FROM unnest($1::text[]) t)
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid IS DISTINCT FROM $2
       AND (to_regclass('pg_dist_shard') IS NULL OR coalesce(application_name, '') NOT LIKE 'citus_internal%')) h$q$;
  role_name pg_catalog.text;  -- the clinic's role
  role      pg_catalog.oid;
  saved      pg_catalog.jsonb;   -- what they were, for the rest of a caller's transaction
  path       CONSTANT pg_catalog.text[] := pg_catalog.current_schemas(false);
  tables     pg_catalog.record;  -- what the names stand for: oids and label; missing, no_table, bound speak against them
  catalogue  pg_catalog.record;  -- kin (tables, partitions, children), their files, a stranger who owns one, its state
  compared   bigint;             -- the state for which the plan was made; NULL: compare anew
  plan       pg_catalog.record;  -- statements and summary; what speaks against them
  look       pg_catalog.record;  -- at; blockers (transaction: since when; 0: since before us), names; vacuums; leaving; lasted
  item       pg_catalog.record;  -- what a loop is at
  began_at double precision;  ends_at double precision := 0;  looked_at double precision;  not_before double precision;  work boolean;
  locked_at double precision;  speak_at double precision;  max_stall double precision;  budget double precision;  stall double precision;
  allowance double precision := patience;  lives double precision[];  shards pg_catalog.text[];  seen pg_catalog.jsonb;
  yields_after double precision;  cancels pg_catalog.text := 'SET LOCAL deadlock_timeout = 10';
  done pg_catalog.text;  wrong pg_catalog.text;  files_before pg_catalog.oid[];  admitted boolean := false;  tries integer := 0;
BEGIN
  SELECT pg_catalog.jsonb_object_agg(key, pg_catalog.current_setting(key)) INTO saved
    FROM pg_catalog.jsonb_each_text(local) WHERE pg_catalog.current_setting(key, true) IS NOT NULL;
  PERFORM pg_catalog.set_config(key, value, true) FROM pg_catalog.jsonb_each_text(local) WHERE pg_catalog.jsonb_exists(saved, key);
  -- 1. Budgets, read by Postgres's own parser, as lock_timeout. What was once set locally reads '' ever after: nullif.
  began_at := extract(epoch FROM clock_timestamp());
  BEGIN
    PERFORM set_config('lock_timeout', coalesce(nullif(current_setting('migration.deadline', true), ''), '1min'), true);
    ends_at := began_at + extract(epoch FROM current_setting('lock_timeout')::interval);
    PERFORM set_config('lock_timeout', coalesce(nullif(current_setting('migration.max_stall', true), ''), '500ms'), true);
    max_stall := extract(epoch FROM current_setting('lock_timeout')::interval);
  EXCEPTION WHEN invalid_parameter_value THEN max_stall := 0; END;
  -- Other limits have been running since before this block and cannot be lifted from inside: end before they strike.
  ends_at := least(ends_at, extract(epoch FROM least(statement_timestamp() + nullif(current_setting('statement_timeout')::interval,
    '0'), now() + nullif(current_setting('transaction_timeout', true)::interval, '0'))) - patience);
  -- Settings of this kind cannot be listed: every name that is a letter, or two swapped ones, away from a budget's is tried.
  SELECT coalesce(CASE WHEN current_setting('server_version_num')::integer < 130000 THEN 'Postgres 13 or newer is needed' END,
      min(format('%s is no budget, expected %s', typo, known)),
      CASE WHEN max_stall * (ends_at - began_at) = 0 THEN format('migration.deadline is %L and migration.max_stall %L, expected '
        'times', current_setting('migration.deadline', true), current_setting('migration.max_stall', true)) END,
      CASE WHEN current_setting('migration.ask', true) NOT IN ('', 'no', 'yes') THEN 'migration.ask is yes or no' END,
      CASE WHEN ends_at - began_at < 4 * patience THEN round((ends_at - began_at) * 1000) || ' ms are too little time to try' END)
    INTO wrong FROM unnest('{migration.deadline,migration.max_stall,migration.ask,
         migration.tenant_role,migration.drop_isolation}'::text[]) known,
         generate_series(length('migration.') + 1, length(known) + 1) at,
         unnest(regexp_split_to_array('abcdefghijklmnopqrstuvwxyz_', '') || ''::text) letter,
         unnest(ARRAY[overlay(known PLACING letter FROM at FOR 0), overlay(known PLACING letter FROM at FOR 1),
           overlay(known PLACING reverse(substr(known, at, 2)) FROM at FOR 2)]) typo
   WHERE typo <> known AND nullif(current_setting(typo, true), '') IS NOT NULL;
  IF wrong <> '' THEN RAISE EXCEPTION USING MESSAGE = wrong, ERRCODE = CASE WHEN wrong LIKE 'Postgres%' THEN '0A000' ELSE '22023' END,
    DETAIL = 'Nothing was changed.', HINT = 'Times are like 500ms, 90s or 1min; deadline and statement_timeout are over 100 ms.'; END IF;
  -- Whoever queues behind an ordinary autovacuum for deadlock_timeout cancels it, and of a deadlock is the victim.
  saved := saved || jsonb_build_object('deadlock_timeout', current_setting('deadlock_timeout'));
  BEGIN EXECUTE cancels; EXCEPTION WHEN insufficient_privilege THEN cancels := ''; END;
  yields_after := extract(epoch FROM current_setting('deadlock_timeout')::interval);
  -- 2. Which tables. A temporary one of that name would come first; current_schemas(false) leaves it out.
  SELECT array_agg(oid ORDER BY place) AS oids, string_agg(label, ', ' ORDER BY place) AS label,
         string_agg(name, ', ' ORDER BY place) FILTER (WHERE oid IS NULL) AS missing,
         min('not a table: ' || pg_describe_object('pg_class'::regclass, oid, 0)) FILTER (WHERE relkind NOT IN ('r', 'p')) AS no_table,
         min(label || ' takes its columns from ' || coalesce((SELECT inhparent::regclass::text FROM pg_inherits
           WHERE inhrelid = oid AND relispartition), nullif(reloftype, 0)::regtype::text)) AS bound INTO tables
    FROM unnest('{tenants}'::text[] || ARRAY(
           SELECT DISTINCT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_policy ON polrelid = c.oid
            WHERE nspname = ANY (path) AND relname <> 'tenants' AND polname IN ('tenant_rows', 'tenant_rows_only')
              AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) ORDER BY 1)
        ) WITH ORDINALITY w(name, place) LEFT JOIN LATERAL (
      SELECT c.*, format('%I.%I', nspname, relname) AS label FROM unnest(path) WITH ORDINALITY p(schema, at)
        JOIN pg_namespace n ON nspname = schema JOIN pg_class c ON relnamespace = n.oid AND relname = name
       WHERE relpersistence <> 't' ORDER BY at LIMIT 1) c ON true;

  -- 3. Rounds. Each compares, where the catalogue has moved since the last comparison; changes, if it has the lock; and otherwise
  --    looks who is in the way, and queues, waits or gives up.
  SELECT NULL::jsonb AS blockers, NULL::double precision AS at INTO look;  speak_at := began_at + say_every / 25;
  LOOP
    -- MOVED? What the catalogue says of the tables, by the transactions that wrote it.
    WITH RECURSIVE kin AS (
      SELECT unnest(tables.oids) AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN kin ON i.inhparent = kin.oid
    ), version(v) AS (
      SELECT concat_ws(' ', oid, c.xmin) FROM kin JOIN pg_class c USING (oid)
      UNION ALL SELECT concat_ws(' ', oid, attnum, a.xmin) FROM kin JOIN pg_attribute a ON attrelid = oid
      UNION ALL SELECT concat_ws(' ', oid, objid, d.xmin) FROM kin JOIN pg_depend d ON (refclassid, refobjid) = (regclass 'pg_class', oid))
    SELECT ARRAY(SELECT oid FROM kin ORDER BY array_position(tables.oids, oid), oid) AS kin,
           ARRAY(SELECT f FROM (SELECT pg_relation_filenode(oid) FROM kin UNION SELECT pg_relation_filenode(indexrelid)
             FROM kin JOIN pg_index ON indrelid = oid) s(f) WHERE f > 0) AS files,
           (SELECT min(relowner::regrole::text) FROM kin JOIN pg_class USING (oid) WHERE NOT pg_has_role(relowner, 'USAGE')) AS stranger,
           (SELECT coalesce(hashtextextended(string_agg(v, ',' ORDER BY v), 0), 0) FROM version) AS state INTO catalogue;
    -- COMPARE, asking for no lock: catalogues only, and pg_get_expr(…, 0), since pg_get_expr(…, table) locks it.
    IF catalogue.state IS DISTINCT FROM compared THEN
      compared := catalogue.state;
      IF to_regclass('pg_dist_shard') IS NOT NULL THEN shards := (  -- Citus: the tables, and their shards on other nodes
        SELECT array_agg(shard_name(logicalrelid, shardid)) || catalogue.kin::regclass[]::text[]
          FROM pg_dist_shard WHERE logicalrelid = ANY (catalogue.kin) HAVING count(*) > 0); END IF;
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
      work := plan.statements IS NOT NULL;
      FOR item IN SELECT * FROM (VALUES
        (1, tables.missing <> '', '42P01', format('there is no table %s on search_path %s', tables.missing, saved ->> 'search_path'),
            '', 'Set search_path to the schema it is in.'),
        (2, tables.no_table <> '', '42809', tables.no_table, '', 'Run this against the table itself.'),
        (5, plan.members IS NOT NULL AND current_setting('migration.drop_isolation', true) IS DISTINCT FROM 'yes', '2BP01',
            format('sessions of one clinic may be at work as %I', role_name), format('These may take it: %s.', plan.members),
            'REVOKE it from them; or, to drop it all the same, PGOPTIONS="-c migration.drop_isolation=yes" psql, or '
            'alembic -c migrations/tenant_isolation.ini -x drop_isolation=yes downgrade base'),
        (5, work AND current_setting('transaction_read_only')::boolean, '25006', tables.label || ' cannot be changed in a read-only '
            'transaction or on a standby', '', 'Connect to the primary, with default_transaction_read_only = off.'),
        (6, work AND catalogue.stranger <> '', '42501', 'must be owner of ' || tables.label, '', 'Run it as ' || catalogue.stranger),
        (7, NOT catalogue.files <@ files_before OR work AND done <> '', 'P0004', format('%s would be rewritten, or differs even '
            'after: %s', tables.label, done), array_to_string(plan.statements, '; '), 'Report this.')
        ) refusal(place, applies, code, message, detail, hint) WHERE applies ORDER BY place LIMIT 1
      LOOP RAISE EXCEPTION USING ERRCODE = item.code, MESSAGE = item.message, HINT = item.hint,
             DETAIL = concat_ws(' ', 'Nothing was changed.', nullif(item.detail, '')); END LOOP;
      EXIT WHEN NOT work OR compared IS NOT NULL AND current_setting('migration.ask', true) = 'yes'; END IF;
    -- CHANGE, once, with the caller's schemas after pg_catalog, for event triggers; the next round compares again and finds nothing to do.
    IF locked_at IS NOT NULL THEN
      files_before := catalogue.files;  done := plan.summary;  compared := NULL;
      EXECUTE format('SET LOCAL lock_timeout = %s', ceil(budget * 1000));  -- for whatever else they lock
      PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(saved ->> 'search_path', '')), true);
      FOR item IN SELECT unnest(plan.statements) AS command LOOP EXECUTE item.command; END LOOP;
      PERFORM set_config('search_path', local ->> 'search_path', true);
      CONTINUE; END IF;
    -- LOOK who holds the tables, and since when by our own watch; an autovacuum that will give way is no blocker.
    admitted := admitted OR pg_try_advisory_xact_lock(ticket, tables.oids[1]::integer);
    PERFORM pg_stat_clear_snapshot();  -- else pg_stat_activity would not change within a transaction
    looked_at := extract(epoch FROM clock_timestamp());
    budget := greatest(0.001, usable * max_stall - per_table * coalesce(cardinality(shards), cardinality(catalogue.kin)));
    IF shards IS NULL THEN EXECUTE holders INTO seen USING catalogue.kin::regclass[]::text[], pg_backend_pid();
    ELSE SELECT jsonb_agg(h || jsonb_build_object('node', nodeid)) INTO seen  -- Citus: asked of every node
      FROM run_command_on_all_nodes(replace(replace(holders, '$1', quote_literal(shards)), '$2', pg_backend_pid()::text)),
           jsonb_array_elements(CASE WHEN success THEN result::jsonb END) h; END IF;
    WITH held AS (
      SELECT *, concat(node, ' ', vxid) AS id, coalesce((look.blockers ->> concat(node, ' ', vxid))::double precision,
             CASE WHEN look.blockers IS NULL THEN 0 ELSE looked_at END) AS since
        FROM jsonb_to_recordset(seen) h(node integer, vxid text, pid integer, application text, begun double precision, what text))
    SELECT coalesce(jsonb_object_agg(id, since) FILTER (WHERE NOT yields), '{}') AS blockers,
           string_agg(concat_ws(', ', what, 'pid ' || pid || coalesce(' on node ' || node, ''), 'application ' || quote_ident(nullif(
             application, '')), round((looked_at - least(begun, greatest(since, began_at)))::numeric, 1) || ' s'), E'\n'
             ORDER BY since, begun) FILTER (WHERE NOT yields AND age > patience) AS names, coalesce(bool_or(yields), false) AS vacuums,
           coalesce(bool_and(yields OR age <= patience OR likely <= coalesce((  -- of those that lasted as long, three in four left:
               SELECT avg((life < age + allowance - look_every)::integer) FROM unnest(lives) life WHERE life > age), 0)), true) AS leaving,
           ARRAY(SELECT (looked_at + look.at) / 2 - value::double precision FROM jsonb_each_text(look.blockers) WHERE value <> '0'
               AND look.at - value::double precision > patience AND key NOT IN (SELECT id FROM held)) AS lasted, looked_at AS at INTO look
      FROM held, LATERAL (SELECT looked_at - since AS age, what = 'autovacuum' AND yields_after + patience <= budget AS yields) v;
    lives := (look.lasted || lives)[1:64];  -- who is there at first shows his age, as who may have come for one that left; if so, grow
    IF allowance < ANY (look.lasted) OR not_before IS NULL AND look.blockers <> '{}' THEN
      not_before := greatest(not_before, looked_at + 2 * patience); END IF;
    allowance := least(budget, allowance * CASE WHEN look.lasted <> '{}' AND look.names <> '' THEN growth ELSE 1 END);
    stall := greatest(allowance, CASE WHEN look.vacuums THEN yields_after + patience END);
    -- QUEUE, by the rule. ONLY, one by one: else lock_timeout starts anew with every partition. LOCK needs grants, and leaves out
    -- the shards of Citus; giving a table to its own owner takes the same lock, of the shards too, and does no more.
    IF admitted AND compared IS NOT NULL AND look.leaving AND looked_at BETWEEN coalesce(not_before, 0) AND ends_at - stall THEN
      tries := tries + 1;  looked_at := extract(epoch FROM clock_timestamp());
      BEGIN
        EXECUTE cancels;  -- again, for Citus
        FOR item IN SELECT format(how, oid::regclass, relowner::regrole) AS command FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, n)
            JOIN pg_class USING (oid), unnest('{LOCK TABLE ONLY %s,ALTER TABLE ONLY %s OWNER TO %s}'::text[]) WITH ORDINALITY h(how, m)
           WHERE relkind IN ('r', 'p') AND ((m = 1) = has_table_privilege(oid, 'UPDATE') OR m = 2 AND shards <> '{}') ORDER BY n, m LOOP
          EXECUTE 'SET LOCAL lock_timeout = ' || greatest(1, 1000 * (looked_at + stall - extract(epoch FROM clock_timestamp())))::int;
          PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(saved ->> 'search_path', '')), true);
          EXECUTE item.command;  PERFORM set_config('search_path', local ->> 'search_path', true);  -- event triggers, again
        END LOOP;  locked_at := extract(epoch FROM clock_timestamp());
      EXCEPTION WHEN lock_not_available OR deadlock_detected OR internal_error THEN  -- its locks are given back at once
        IF SQLSTATE = 'XX000' AND SQLERRM NOT LIKE '%marked as essential%' THEN RAISE; END IF;  -- Citus: a lock timeout elsewhere
        allowance := allowance * growth;
        not_before := looked_at + (extract(epoch FROM clock_timestamp()) - looked_at) * (1 + rest + 2 * random());
      END;
      CONTINUE; END IF;
    -- SAY what we wait for, now and then; at the deadline, give up and say it.
    IF looked_at >= least(speak_at, ends_at) THEN
      speak_at := looked_at + say_every;
      SELECT concat_ws(E'\n', CASE WHEN NOT admitted THEN 'another migration, pid ' || min(pid) END, look.names) AS names INTO item
        FROM pg_locks WHERE (locktype, classid, objid, objsubid, granted) = ('advisory', ticket::oid, tables.oids[1], 2, true)
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
      IF looked_at >= ends_at THEN
        RAISE lock_not_available USING MESSAGE = format('%s was never free within %s s', tables.label, round((looked_at
            - began_at)::numeric, 1)), DETAIL = format(E'Nothing was changed. Tried %s times. In the way:\n%s', tries,
            coalesce(nullif(item.names, ''), 'short transactions that never stop overlapping')), HINT = 'Let them finish or end them, '
            'raise the budgets, or (autovacuum) let this role set deadlock_timeout and read pg_read_all_stats; then run it again.';
      ELSIF item.names <> '' THEN RAISE NOTICE '%: waiting for %', tables.label, replace(item.names, E'\n', '; '); END IF; END IF;
    PERFORM pg_sleep(greatest(0, least(ends_at - looked_at, (1 + 0.5 * random()) * greatest(look_every, least(5 * look_every,
      CASE WHEN admitted THEN (looked_at - began_at) / 100 END), 3 * (extract(epoch FROM clock_timestamp()) - looked_at)))));
  END LOOP;
  RAISE NOTICE '%: %', tables.label, coalesce(done || format('; waited %s s; tries: %s; lock held %s ms', round((locked_at
      - began_at)::numeric, 2), tries, round((extract(epoch FROM clock_timestamp()) - locked_at)::numeric * 1000, 1)),
    'asked only, so not done: ' || plan.summary, 'nothing to do');
  PERFORM set_config(key, value, true) FROM jsonb_each_text(saved) WHERE current_setting(key) IS DISTINCT FROM value;
EXCEPTION WHEN duplicate_column OR duplicate_object OR undefined_column THEN  -- in repeatable read we see the catalogue of before
  RAISE serialization_failure USING MESSAGE = format('%s was changed by somebody else meanwhile', tables.label),
    DETAIL = 'Nothing was changed: ' || SQLERRM, HINT = 'Run this again.';
END $$;
