-- 02_tenant_isolation: Postgres keeps whoever works as the clinic's role to one clinic.
-- What it does     Makes the role orchestrator_tenant (NOLOGIN) and, on tenants and on every table with tenant_id in the schemas
--                  of search_path, turns row security on, with policies for that role alone: it sees and writes the rows of the
--                  clinic in app.tenant_id, and without one none. Grants it SELECT, INSERT, UPDATE and DELETE there (on tenants
--                  SELECT and UPDATE, of its own row), and never TRUNCATE. Run again, it does nothing.
-- What it leaves   Whoever does not work as that role goes on seeing and writing what they did: a table that had no row security
--                  gets a policy for everybody, rows_as_before. On a table that had, no policy of others is touched and nothing
--                  is opened. No row is read or rewritten.
-- But              Where row security was off, a role that neither owns the table nor has BYPASSRLS can no longer COPY … FROM
--                  into it (INSERT does), nor dump it as pg_dump does by itself (run it as the owner, or with --enable-row-
--                  security). The same holds for the clinic's role, always.
-- Who opts in      A login, by GRANT orchestrator_tenant TO service WITH INHERIT FALSE (from 16 on), which may then take the
--                  role. One that inherits the role is kept to its clinic in all it does. Before 16 inheriting is the login's own
--                  property: CREATE ROLE clinic_door NOINHERIT; GRANT orchestrator_tenant TO clinic_door; GRANT clinic_door TO
--                  service.
-- What it needs    CREATEROLE, or a role made before, under that name or another.
-- The rule         It stands in the lock queue only when whoever has held the tables of the clinics for over 25 ms is likely to
--                  leave within its allowance (three in four that lasted as long did), and never for longer. The allowance is 25
--                  ms; it grows by a quarter, up to three quarters of max_stall, after each try in vain, and when an old
--                  transaction leaves with another in its place.
-- What it locks    the tables of the clinics, with partitions and children: ACCESS EXCLUSIVE, once, for some milliseconds and 1
--                  to 2 more for each partition, which max_stall cannot shorten. Hot standbys replay it. On Citus: run it on the
--                  coordinator.
-- Others notice    An ordinary autovacuum is cancelled where this role may set deadlock_timeout and is in pg_read_all_stats; then
--                  log_lock_waits speaks after 10 ms. pg_locks is read up to 100 times a second. Advisory lock (20010101, oid).
-- How to run it    As the owner: PGOPTIONS="-c migration.deadline=2min" psql -X -v ON_ERROR_STOP=1 -f 02_tenant_isolation.sql
--                  or alembic -x deadline=2min -c migrations/tenant_isolation.ini upgrade head. The lock ends with the transaction.
-- Its budgets      migration.deadline   1min   how long it may wait; a shorter statement_timeout wins
--                  migration.max_stall  500ms  the longest it may hold up a writer
--                  migration.ask        no     yes: only say what would be done; no lock, no change
--                    migration.tenant_role    orchestrator_tenant, or the clinic's role that is there
--                    migration.tenant_tables  patients,invoices: these instead of every one with tenant_id
--                    migration.check          no    yes: fail, with 55000 and a list, where there is anything to do
-- How it ends      00000  done, or nothing to do. With any other code nothing was changed:
--                  0A000  a server before Postgres 13    22023  a wrong budget, or too little time to try
--                  42P01  no such table on search_path   42809  not a table, or one whose columns come from elsewhere
--                  42P17  something is there that this must not change, such as dormant policies, or a role that no
--                         policy would keep: DETAIL lists all of it
--                  42501  also: the role is not there and this one may not create it
--                  55000  migration.check is yes and there is something to do
--                  25006  read-only, or a standby        42501  not the owner        P0004  a check failed: report it
--                  55P03  old transactions held it until the deadline: DETAIL names them, best to pg_read_all_stats
--                  40001  in repeatable read, somebody else migrated meanwhile: run it again
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
  role_name   pg_catalog.text;   -- the clinic's role
  role        pg_catalog.oid;    -- NULL: not there yet
  expressions pg_catalog.jsonb;  -- of the policies of our names: what they let through
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
         migration.tenant_role,migration.tenant_tables,migration.check}'::text[]) known,
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
    FROM unnest('{tenants}'::text[] || CASE WHEN nullif(current_setting('migration.tenant_tables', true), '') IS NOT NULL
           THEN string_to_array(replace(current_setting('migration.tenant_tables', true), ' ', ''), ',')
           ELSE ARRAY(
             SELECT DISTINCT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute ON attrelid = c.oid
              WHERE nspname = ANY (path) AND relkind IN ('r', 'p') AND relpersistence <> 't' AND relname <> 'tenants'
                AND attname = 'tenant_id' AND NOT attisdropped AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)
              ORDER BY 1) END) WITH ORDINALITY w(name, place) LEFT JOIN LATERAL (
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
      -- Policies speak of columns, so reading them takes a read lock: given back at once, and not waited for.
      BEGIN
        SET LOCAL lock_timeout = '25ms';
        expressions := (SELECT jsonb_object_agg(oid, ARRAY[pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)])
                          FROM pg_policy WHERE polrelid = ANY (catalogue.kin)
                              AND polname IN ('tenant_rows', 'tenant_rows_only', 'rows_as_before'));
        RAISE SQLSTATE 'ENDED';
      EXCEPTION
        WHEN SQLSTATE 'ENDED' THEN NULL;
        WHEN lock_not_available THEN compared := NULL;  -- and compare again
      END;
      WITH kept AS (
        SELECT k.oid, place, c.oid::regclass AS label, relowner, relacl, relrowsecurity AS on_already, relforcerowsecurity AS forced,
               c.oid = tables.oids[1] AS is_tenants, c.oid = ANY (tables.oids) AS granted, atttypid::regtype AS key_type,
               format('(%I = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::%s)', attname, atttypid::regtype) AS own
          FROM unnest(catalogue.kin) WITH ORDINALITY k(oid, place) JOIN pg_class c USING (oid)
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                AND a.attname = CASE WHEN c.oid = tables.oids[1] THEN 'id' ELSE 'tenant_id' END
         WHERE c.relkind IN ('r', 'p')
      ), policies AS (
        -- The clinic's rows for its role; nothing but those, whatever other policies say; and where row security was off
        -- everything for everybody else, as before.
        SELECT k.*, w.*, p.oid AS policy, p.polroles = w.roles AS for_its_role,
               (p.polpermissive, p.polcmd::text, p.polroles, expressions -> p.oid::text)
                 = (w.permissive, '*', w.roles, jsonb_build_array(w.expression, w.expression)) AS as_wanted
          FROM kept k CROSS JOIN LATERAL (VALUES
            ('tenant_rows',      true,  ARRAY[role],   format('%I', role_name), own),
            ('tenant_rows_only', false, ARRAY[role],   format('%I', role_name), own),
            ('rows_as_before',   true,  ARRAY[0::oid], 'PUBLIC',                'true')) w(name, permissive, roles, whose, expression)
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
      work := plan.statements IS NOT NULL;
      FOR item IN SELECT * FROM (VALUES
        (1, tables.missing <> '', '42P01', format('there is no table %s on search_path %s', tables.missing, saved ->> 'search_path'),
            '', 'Set search_path to the schema it is in.'),
        (2, tables.no_table <> '', '42809', tables.no_table, '', 'Run this against the table itself.'),
        (4, plan.odd <> '{}', '42P17', plan.odd[1], E'In the way:\n' || array_to_string(plan.odd, E'\n'),
            'Mend these by hand, or say in migration.tenant_tables which tables to take; then run this again.'),
        (5, work AND compared IS NOT NULL AND current_setting('migration.check', true) = 'yes', '55000', plan.first,
            E'Not kept to a clinic:\n' || plan.lacks, 'Run this without migration.check.'),
        (5, role IS NULL AND NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user), '42501',
            format('there is no role %I, and %I may not create it', role_name, current_user), NULL,
            format('Have somebody with CREATEROLE run CREATE ROLE %I NOLOGIN, or name another in migration.tenant_role.', role_name)),
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
          EXECUTE item.command;
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
      ELSIF item.names <> '' THEN RAISE NOTICE '%: waiting for %', tables.label, replace(item.names, E'\n', '; '); END IF;
    END IF;
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
