<%doc> Takes back what columns.sql.mako added, unless that would lose what the part calls its data. </%doc>\
<%inherit file="engine.sql.mako"/>\
<% permission = f"migration.drop_{part.data}" %>\
<%def name="title()">takes back ${part.title}</%def>\
<%def name="subject()">${part.table}</%def>\
<%def name="about()">\
${wrapped("What it does", f"Drops {', '.join(part.columns)} of {part.table}, unless that loses {part.data}: a row in which one of them is not its default. Run again, it does nothing and takes no lock.")}\
${wrapped("How it counts", f"All rows, first while everybody works. Then once more under the lock, so that nothing written meanwhile is lost: that takes as long as the first time did, and where that is more than max_stall allows, it refuses.")}\
</%def>\
<%def name="by_alembic()">downgrade ${part.down_to}</%def>\
<%def name="budgets()">\
--                  migration.drop_${part.data}  no  yes: drop them all the same, and count nothing
</%def>\
<%def name="permissions()">,migration.drop_${part.data}</%def>\
<%def name="endings()">\
--                  2BP01  rows would lose ${part.data}, or a view or the like uses a column: DETAIL says which
--                  22023  also: counting takes longer than max_stall allows
</%def>\
<%def name="declare()">\
  at_risk  bigint;                   -- rows that would lose ${part.data}
  count_at double precision;         -- when that count began,
  counting double precision := 0;    -- and how long it took
</%def>\
<%def name="planner()">"row_security": "off"</%def>\
<%def name="tables()">'{${part.table}}'::text[]</%def>\
<%def name="reserved()"> - counting</%def>\
<%def name="locked()">\
        compared := NULL;  -- and count again
</%def>\
<%def name="compare()">\
      SELECT ARRAY[format('ALTER TABLE %s ', tables.oids[1]::regclass)
               || string_agg(format('DROP COLUMN %I', attname), ', ' ORDER BY attnum)] AS statements,
             'dropped ' || string_agg(attname, ', ' ORDER BY attnum) AS summary,
             (SELECT string_agg(DISTINCT pg_describe_object(classid, objid, objsubid), ', ') FROM pg_depend
                JOIN pg_attribute a ON (a.attrelid, a.attnum) = (refobjid, refobjsubid)
               WHERE refclassid = 'pg_class'::regclass AND deptype = 'n' AND a.attname = ANY (array_agg(own.attname))
                 AND (refobjid = tables.oids[1] OR refobjid = ANY (catalogue.kin) AND NOT a.attislocal)) AS users,
             format('SELECT count(*) FROM %s WHERE ', tables.oids[1]::regclass)
               || string_agg(format('%I::text IS DISTINCT FROM %L', attname, preset), ' OR ') AS question
        INTO plan
        FROM (VALUES
          ${part.defaults(10)}) w(col, preset)
        JOIN pg_attribute own ON attrelid = tables.oids[1] AND attname = col AND NOT attisdropped
      HAVING count(*) > 0;
      -- Under row security a count would see some rows only: row_security = off makes it an error instead.
      IF catalogue.stranger IS NULL AND current_setting('migration.drop_${part.data}', true) IS DISTINCT FROM 'yes'
         AND plan.question IS NOT NULL THEN
        BEGIN
          count_at := extract(epoch FROM clock_timestamp());
          EXECUTE plan.question INTO at_risk;
          counting := extract(epoch FROM clock_timestamp()) - count_at;
          RAISE SQLSTATE 'ENDED';  -- which gives back the read lock: others' ALTER would wait behind it
        EXCEPTION
          WHEN SQLSTATE 'ENDED' THEN NULL;
          WHEN lock_not_available THEN compared := NULL;
        END;
      END IF;
</%def>\
<%def name="refusals()">\
        (3, work AND tables.bound <> '', '42809', tables.bound, '', 'Change that instead.'),
        (4, at_risk > 0, '2BP01', format('%s holds ${part.data} in %s rows; nothing was dropped', tables.label, at_risk), '',
            'To lose it all the same: alembic -x drop_${part.data}=yes downgrade, or PGOPTIONS="-c migration.drop_${part.data}=yes" psql.'),
        (4, plan.users IS NOT NULL, '2BP01', format('other objects use the columns of %s', tables.label), plan.users, 'Drop those first.'),
        (4, locked_at IS NULL AND counting > usable * max_stall, '22023', format('counting the rows of %s takes %s s, too long '
            'for max_stall', tables.label, round(counting::numeric, 2)), '', format('Give migration.max_stall %s s, when nobody minds; or '
            'stop writing ${part.data} and set migration.drop_${part.data} to yes.', ceil(counting / usable))),
</%def>\
