<%doc> Adds columns to a table, or brings those that exist to the types and defaults declared. Any part in TOML is this. </%doc>\
<%inherit file="engine.sql.mako"/>\
<%def name="title()">${part.title}</%def>\
<%def name="subject()">${part.table}</%def>\
<%def name="about()">\
${wrapped("What it does", f"Adds {part.listed} to {part.table}, or brings those that exist to the types and defaults below. No row is rewritten, no value changed. Run again, it does nothing and takes no lock on {part.table}.")}\
</%def>\
<%def name="endings()">\
--                  42809  a partition, or of a type: its columns come from there
--                  42804  a column differs in ways this script must not change: DETAIL lists all of them
</%def>\
<%def name="declare()">\
  -- Column, type, default. Every column admits NULL.
  wanted CONSTANT pg_catalog.text[] := ARRAY[
    ${part.array()}];
</%def>\
<%def name="tables()">'{${part.table}}'::text[]</%def>\
<%def name="compare()">\
      WITH spec AS (
        SELECT n, wanted[n][1] AS col, wanted[n][2]::regtype AS type, quote_literal(wanted[n][3]) AS preset,
               concat(wanted[n][2], ' DEFAULT ' || quote_literal(wanted[n][3])) AS expected
          FROM generate_subscripts(wanted, 1) n
      ), found AS (
        SELECT s.*, a.*, k.oid AS rel, k.oid = tables.oids[1] AS is_root, a.attnum IS NULL AS lacks,
               format_type(a.atttypid, a.atttypmod) AS has_type, a.atttypid <> type OR a.atttypmod <> -1 AS retype,
               a.attgenerated <> '' OR a.attidentity <> '' AS made,
               CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, 0) END AS has_preset,
               (SELECT ' COLLATE ' || quote_ident(collname) FROM pg_collation c, pg_type t
                 WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND t.typcollation <> c.oid) AS has_collation
          FROM spec s CROSS JOIN unnest(catalogue.kin) k(oid)
          LEFT JOIN pg_attribute a ON a.attrelid = k.oid AND a.attname = s.col AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = k.oid AND d.adnum = a.attnum
      ), drift AS (
        SELECT *, NOT made AND CASE WHEN preset IS NULL THEN has_preset NOT LIKE 'NULL::%' ELSE has_preset IS NULL OR has_preset
                 NOT IN (preset || '::' || format_type(type, NULL), preset || '::text', trim(preset, '''')) END AS represet,
               concat(has_type, has_collation, ' DEFAULT ' || has_preset, CASE WHEN made THEN ' GENERATED or IDENTITY' END,
                 CASE WHEN attnotnull THEN ' NOT NULL' END) AS is_now,
               bool_or(is_root AND lacks) OVER (PARTITION BY n) AS add,
               bool_or(is_root AND attnotnull) OVER (PARTITION BY n) AS root_notnull
          FROM found
      ), verdict AS (
        -- What an ALTER that only touches the catalogue cannot mend, or mends by losing something.
        SELECT *, CASE
            WHEN lacks THEN NULL
            WHEN retype AND NOT '{25,1043}' @> ARRAY[type::oid, atttypid] THEN 'its values would have to be converted'
            WHEN made THEN 'its values are generated'
            WHEN has_collation <> '' THEN 'its order would change'
            WHEN add AND (retype OR represet) OR attnotnull AND root_notnull IS NOT true THEN 'only this child is so'
            WHEN is_root AND attinhcount > 0 AND (retype OR attnotnull) THEN 'it is inherited'
            ELSE (
              -- A new type is free for a plain index, unique or not. Postgres refuses it under views, policies, triggers
              -- and row types, scans the table for a CHECK, rebuilds indexes on expressions, partial or partitioned.
              SELECT 'it is used by ' || string_agg(CASE u.objid WHEN rel THEN 'the partition key'
                       ELSE pg_describe_object(u.classid, u.objid, u.objsubid) END, ', ')
                FROM pg_depend u
                LEFT JOIN pg_constraint c ON u.classid = 'pg_constraint'::regclass AND c.oid = u.objid
                LEFT JOIN pg_index x ON x.indexrelid = CASE u.classid WHEN 'pg_class'::regclass THEN u.objid ELSE c.conindid END
               WHERE (u.refclassid = 'pg_class'::regclass AND u.refobjid = rel AND u.refobjsubid = attnum
                   OR u.classid = 'pg_class'::regclass AND u.objid = rel AND u.objsubid = attnum AND u.refobjid = rel
                   OR u.refclassid = 'pg_type'::regclass AND u.classid = 'pg_class'::regclass AND u.deptype = 'n'
                      AND u.refobjid = (SELECT reltype FROM pg_class WHERE oid = rel))
                 AND CASE WHEN NOT retype THEN attnotnull AND (x.indisprimary OR x.indisreplident)
                     WHEN u.classid = 'pg_attrdef'::regclass AND u.deptype = 'a' OR c.contype = 'n' THEN false
                     ELSE NOT coalesce(x.indexprs IS NULL AND x.indpred IS NULL AND coalesce(c.contype, 'u') = 'u'
                                       AND x.indexrelid IS NOT NULL AND cardinality(catalogue.kin) = 1, false) END)
          END AS obstacle
          FROM drift
      ), columns AS (
        SELECT n, col, add, min(is_now) FILTER (WHERE retype OR represet OR attnotnull) AS was, concat_ws(', ',
                 CASE WHEN add THEN format('ADD COLUMN %I %s', col, expected) END,
                 CASE WHEN bool_or(retype) THEN format('ALTER COLUMN %I TYPE %s', col, format_type(type, NULL)) END,
                 CASE WHEN bool_or(represet) OR bool_or(retype) AND preset IS NOT NULL
                      THEN format('ALTER COLUMN %I %s', col, coalesce('SET DEFAULT ' || preset, 'DROP DEFAULT')) END,
                 CASE WHEN bool_or(attnotnull) THEN format('ALTER COLUMN %I DROP NOT NULL', col) END) AS alters,
               string_agg(format('%s.%I is %s, expected %s (%s)', rel::regclass, col, is_now, expected, obstacle),
                 E'\n' ORDER BY NOT is_root, rel) FILTER (WHERE obstacle IS NOT NULL) AS misfit
          FROM verdict GROUP BY n, col, add, type, preset, expected)
      SELECT ARRAY[format('ALTER TABLE %s ', tables.oids[1]::regclass) || string_agg(alters, ', ' ORDER BY n)] AS statements,
             array_agg(misfit ORDER BY n) FILTER (WHERE misfit IS NOT NULL) AS misfits,
             concat_ws('; ', 'added ' || string_agg(col, ', ' ORDER BY n) FILTER (WHERE add), 'changed ' ||
               string_agg(format('%s (was %s; existing values stay)', col, was), ', ' ORDER BY n) FILTER (WHERE NOT add)) AS summary
        INTO plan FROM columns WHERE alters <> '' OR misfit <> '' HAVING count(*) > 0;
</%def>\
<%def name="refusals()">\
        (4, plan.statements IS NOT NULL AND tables.bound IS NOT NULL, '42809', tables.bound, NULL, 'Change that instead.'),
        (5, plan.misfits IS NOT NULL, '42804', split_part(plan.misfits[1], E'\n', 1), format(E'%s of %s columns differ in ways '
            'this script must not change:\n%s', cardinality(plan.misfits), array_length(wanted, 1), array_to_string(plan.misfits, E'\n')),
            'Make way for the expected columns (rename or convert these, drop what uses them), then run this again.'),
</%def>\
