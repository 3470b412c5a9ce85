-- 04_appointment_reminders_before: what hangs on appointments and does not follow 04_appointment_reminders.sql by itself.
-- What it does     Says in a NOTICE for each thing what to run for it, and whether before or after. It reads the catalogues
--                  alone: anybody may run it at any time, weeks before as well; it changes nothing and waits for no lock.
-- How to run it    psql -X -f 04_appointment_reminders_before.sql; alembic upgrade head runs it by itself.
-- How it ends      00000  always; where the columns are there and as they should be, with nothing to say
DO $$ DECLARE
  path    CONSTANT pg_catalog.text[] := pg_catalog.current_schemas(false);
  before  CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  patient pg_catalog.regclass;  -- the first of that name on search_path, as 04_appointment_reminders.sql takes it
  added   pg_catalog.text;      -- the columns that are missing, as a list
  retyped pg_catalog.text;      -- those that are there with another type
  said    pg_catalog.text;
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);  -- names and operators are Postgres's own
  patient := (SELECT c.oid FROM unnest(path) WITH ORDINALITY p(schema, at) JOIN pg_namespace n ON nspname = schema
                JOIN pg_class c ON relnamespace = n.oid AND relname = 'appointments' AND relkind IN ('r', 'p')
               WHERE relpersistence <> 't' ORDER BY at LIMIT 1);
  SELECT string_agg(quote_ident(col), ', ' ORDER BY n) FILTER (WHERE attnum IS NULL),
         string_agg(quote_ident(col), ', ' ORDER BY n) FILTER (WHERE (atttypid, atttypmod) <> (type::regtype, -1))
    INTO added, retyped
    FROM (VALUES
      (1, 'reminder_channel', 'character varying', '''WHATSAPP''::character varying'),
      (2, 'reminder_note',    'text',              NULL)) w(n, col, type, preset)
    LEFT JOIN pg_attribute ON attrelid = patient AND attname = col AND NOT attisdropped;

  FOR said IN
    WITH RECURSIVE kin AS (  -- the table, its partitions and children
      SELECT patient::oid AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN kin ON i.inhparent = kin.oid
    ), member AS (  -- in publications one by one; a list of columns and a filter came with Postgres 15
      SELECT pubname, prpubid, prrelid::regclass AS published, to_jsonb(r) -> 'prattrs' AS columns,
             to_jsonb(r) ->> 'prqual' <> '' AS filtered
        FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid WHERE prrelid IN (SELECT oid FROM kin)
    )
    SELECT format('before: publication %I sends whole rows. Run 04_appointment_reminders.sql on its subscribers first: '
                  'one without these columns stops at the next row, and goes on when it has them', pubname)
      FROM pg_publication p
     WHERE added <> '' AND (puballtables OR EXISTS (SELECT FROM member WHERE prpubid = p.oid AND coalesce(columns, 'null') = 'null')
        OR EXISTS (  -- all tables of a schema
           SELECT FROM pg_depend s JOIN pg_depend d USING (classid, objid) JOIN pg_class c ON c.relnamespace = s.refobjid
            WHERE s.refclassid = 'pg_namespace'::regclass AND (d.refclassid, d.refobjid) = ('pg_publication'::regclass, p.oid)
              AND c.oid IN (SELECT oid FROM kin)))
    UNION ALL
    SELECT format('after: publication %1$I lists columns, and not these. To send them, once the subscribers have them: '
                  'BEGIN; ALTER PUBLICATION %1$I DROP TABLE %2$s; ALTER PUBLICATION %1$I ADD TABLE %2$s (%3$s, %4$s)%5$s; COMMIT',
                  pubname, published, string_agg(quote_ident(attname), ', ' ORDER BY attnum), added,
                  CASE WHEN filtered THEN ' WHERE (…, the one it has)' END)
      FROM member JOIN pg_attribute ON attrelid = published AND columns @> to_jsonb(attnum) AND added <> ''
     GROUP BY pubname, published, columns, filtered
    UNION ALL
    SELECT DISTINCT format('after: %1$s may %2$s column by column, and not these. To allow it: GRANT %2$s (%3$s) ON %4$s TO %1$s',
                  CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, g.privilege_type, added, patient)
      FROM pg_attribute, aclexplode(attacl) g
     WHERE added <> '' AND attrelid = patient AND NOT attisdropped AND (g.grantee, g.privilege_type) NOT IN (
           SELECT t.grantee, t.privilege_type FROM pg_class c, aclexplode(coalesce(relacl, acldefault('r', relowner))) t
            WHERE c.oid = patient)
    UNION ALL
    SELECT format('while it runs: %s hot standby(s) replay the lock, and cancel who reads the table there after %s. To look, there: '
                  'SHOW max_standby_streaming_delay', count(*), 'max_standby_streaming_delay')
      FROM pg_stat_get_wal_senders() w
     WHERE w.pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE slot_type = 'logical' AND active_pid IS NOT NULL)
    HAVING count(*) > 0
    UNION ALL
    SELECT format('after: what services prepared before with *%s ends with 0A000, until they connect anew or DEALLOCATE it',
                  ', or to read ' || retyped)
  LOOP
    EXIT WHEN patient IS NULL OR coalesce(added, retyped) IS NULL;
    RAISE NOTICE '%: %', patient, said;
  END LOOP;
  PERFORM set_config('search_path', before, true);
END $$;
