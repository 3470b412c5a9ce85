<%doc> Takes back what columns.sql.mako added, unless that would lose what the part calls its data. </%doc>\
<%inherit file="engine.sql.mako"/>\
<% permission = f"migration.drop_{part.data}" %>\
<%def name="title()">takes back ${part.title}</%def>\
<%def name="subject()">${part.table}</%def>\
<%def name="about()">\
${wrapped("What it does", f"Drops {', '.join(part.columns)} of {part.table}, unless that loses {part.data}: a row in which one of them is not its default. Run again, it does nothing and takes no lock.")}\
${wrapped("How it counts", f"All rows, first while everybody works. Then once more under the lock, so that nothing written meanwhile is lost: that takes as long as the first time did, and where that is more than max_stall allows, it refuses.")}\
</%def>\
<%def name="by_alembic()">alembic downgrade ${part.down_to}</%def>\
<%def name="budgets()">\
--                    migration.drop_${part.data}    yes: drop them all the same, and count nothing
</%def>\
<%def name="permissions()">, 'migration.drop_${part.data}'</%def>\
<%def name="endings()">\
--                  42809  a partition, or of a type: its columns come from there
--                  2BP01  rows would lose ${part.data}, or a view or the like uses a column: DETAIL says which
--                  22023  also: counting takes longer than max_stall allows
</%def>\
<%def name="declare()">\
  -- Column, type, default.
  wanted CONSTANT pg_catalog.text[] := ARRAY[
    ${part.array()}];
  at_risk  bigint;                   -- rows that would lose ${part.data}
  counting double precision := 0;    -- how long it took to count them
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
               WHERE refclassid = 'pg_class'::regclass AND refobjid = tables.oids[1] AND deptype = 'n'
                 AND refobjsubid = ANY (array_agg(attnum))) AS users,
             format('SELECT count(*) FROM %s WHERE ', tables.oids[1]::regclass)
               || string_agg(format('%I::text IS DISTINCT FROM %L', attname, wanted[n][3]), ' OR ') AS question
        INTO plan
        FROM generate_subscripts(wanted, 1) n
        JOIN pg_attribute ON attrelid = tables.oids[1] AND attname = wanted[n][1] AND NOT attisdropped
      HAVING count(*) > 0;
      -- Under row security a count would see some rows only: row_security = off makes it an error instead.
      IF catalogue.stranger IS NULL AND current_setting('migration.drop_${part.data}', true) IS DISTINCT FROM 'yes'
         AND plan.question IS NOT NULL THEN
        BEGIN
          counting := extract(epoch FROM clock_timestamp());
          EXECUTE plan.question INTO at_risk;
          counting := extract(epoch FROM clock_timestamp()) - counting;
          RAISE SQLSTATE 'ENDED';  -- which gives back the read lock: others' ALTER would wait behind it
        EXCEPTION
          WHEN SQLSTATE 'ENDED' THEN NULL;
          WHEN lock_not_available THEN compared := NULL;
        END;
      END IF;
</%def>\
<%def name="refusals()">\
        (4, plan.statements IS NOT NULL AND tables.bound IS NOT NULL, '42809', tables.bound, NULL, 'Change that instead.'),
        (5, at_risk > 0, '2BP01', format('%s holds ${part.data} in %s rows; nothing was dropped', tables.label, at_risk), NULL,
            'To lose it all the same: alembic -x drop_${part.data}=yes downgrade, or PGOPTIONS="-c migration.drop_${part.data}=yes" psql.'),
        (5, plan.users IS NOT NULL, '2BP01', format('other objects use the columns of %s', tables.label), plan.users, 'Drop those first.'),
        (5, locked_at IS NULL AND counting + patience > usable * max_stall, '22023', format('counting the rows of %s takes %s s, too long '
            'for max_stall', tables.label, round(counting::numeric, 2)), NULL, format('Give migration.max_stall %s s, when nobody minds; or '
            'stop writing ${part.data} and set migration.drop_${part.data} to yes.', ceil((counting + patience) / usable))),
</%def>\
