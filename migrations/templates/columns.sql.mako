<%doc> Adds columns to a table, or brings those that exist to the types and defaults declared. Any part in TOML is this. </%doc>\
<%inherit file="engine.sql.mako"/>\
<%def name="title()">${part.title}; ${name}_before.sql says what hangs on it</%def>\
<%def name="subject()">${part.table}</%def>\
<%def name="about()">\
${wrapped("What it does", f"Adds {part.listed} to {part.table}, or brings them to the types and defaults below. Rewrites no row; run again, takes no lock.")}\
</%def>\
<%def name="endings()">\
--                  42804  a column differs in ways this script must not change: DETAIL lists all    54011  over 1600 columns
</%def>\
<%def name="tables()">'{${part.table}}'::text[]</%def>\
<%def name="compare()">\
      WITH found AS (
        SELECT w.*, a.*, rel, rel = tables.oids[1] AS is_root, to_jsonb(a) ->> 'attcompression' <> '' AS compressed,
               a.atttypid <> type::regtype OR a.atttypmod <> -1 AS retype, has IS DISTINCT FROM preset AND a.attgenerated = ''
               AS represet, concat(a.attgenerated, a.attidentity) AS made, nullif(nullif(a.attcollation, 0), '"default"'::regcollation)
               ::regcollation AS coll, concat(type, ' DEFAULT ' || preset) AS expected, format_type(a.atttypid, a.atttypmod)
               || concat(' DEFAULT ' || has, CASE WHEN a.attnotnull THEN ' NOT NULL' END) AS is_now,
               bool_or(rel = tables.oids[1] AND a.attnum IS NULL) OVER (PARTITION BY n) AS add, cardinality(catalogue.kin) = 1 AS alone,
               bool_or(rel = tables.oids[1] AND a.attnotnull) OVER (PARTITION BY n) AS root_notnull
          FROM unnest(catalogue.kin) rel CROSS JOIN (VALUES  -- what is wanted; every column admits NULL
            ${part.values(12)}) w(n, col, type, preset)
          LEFT JOIN pg_attribute a ON a.attrelid = rel AND a.attname = col AND NOT a.attisdropped
          LEFT JOIN LATERAL (SELECT CASE a.attgenerated WHEN '' THEN pg_get_expr(adbin, 0) END AS has FROM pg_attrdef
                              WHERE adrelid = rel AND adnum = a.attnum OFFSET 0) d ON true  -- 0: not of other columns first
      ), judged AS (
        SELECT *, CASE  -- what an ALTER that only touches the catalogue cannot mend, or mends by losing something
            WHEN made <> '' THEN 'GENERATED or IDENTITY: its values are not its own'
            WHEN coll IS NOT NULL THEN 'COLLATE ' || coll || ': its order would change'
            WHEN retype AND NOT ARRAY[type::regtype, atttypid::regtype] <@ '{text,varchar}' THEN 'its values would have to be converted'
            WHEN add AND (retype OR represet) OR attnotnull AND root_notnull IS NOT true THEN 'only this child is so'
            WHEN is_root AND attinhcount > 0 AND (retype OR attnotnull) THEN 'it is inherited'
            WHEN attnotnull AND EXISTS (SELECT FROM pg_index WHERE indrelid = rel AND attnum = ANY (indkey)
                                          AND (indisprimary OR indisreplident)) THEN 'it is part of a key'
            WHEN retype AND (compressed OR attstorage <> (SELECT typstorage FROM pg_type WHERE oid = atttypid)) THEN 'its STORAGE would go'
            -- A new type is free for plain indexes, unique or not. Postgres refuses it under views, policies, triggers and row types
            -- (these also a default), scans the table for a CHECK, rebuilds indexes on expressions, partial and partitioned ones.
            WHEN retype OR add AND preset <> '' THEN (
              SELECT 'it is used by ' || string_agg(pg_describe_object(classid, objid, objsubid), ', ') FROM pg_depend
               WHERE ((refclassid, refobjid, refobjsubid) = (regclass 'pg_class', rel, attnum)
                   OR (classid, objid, objsubid, refobjid) = (regclass 'pg_class', rel, attnum, rel)  -- the partition key
                   OR (refclassid, classid, deptype) = (regclass 'pg_type', regclass 'pg_class', 'n') AND refobjid = ANY (ARRAY(
                       SELECT unnest(ARRAY[t.oid, typarray]) FROM pg_class c JOIN pg_type t ON t.oid = reltype WHERE c.oid = rel))
                       AND (SELECT relkind FROM pg_class WHERE oid = objid) <> 'v')
                 AND objid NOT IN (SELECT oid FROM pg_attrdef WHERE adrelid = rel AND adnum = attnum
                   UNION SELECT oid FROM pg_constraint WHERE conrelid = rel AND (contype = 'n' OR contype = 'u' AND alone)
                   UNION SELECT indexrelid FROM pg_index WHERE indrelid = rel AND indexprs IS NULL AND indpred IS NULL AND alone))
          END AS obstacle FROM found
      ), plans AS (
        SELECT n, col, add, min(is_now) FILTER (WHERE retype OR represet OR attnotnull) AS was, concat_ws(', ',
              CASE WHEN add THEN format('ADD COLUMN %I %s', col, expected) END,
              CASE WHEN bool_or(retype) THEN format('ALTER %I TYPE %s', col, type) END,
              CASE WHEN bool_or(retype OR represet) THEN format('ALTER %I %s', col, coalesce('SET DEFAULT ' || preset, 'DROP DEFAULT')) END,
              CASE WHEN bool_or(attnotnull) THEN format('ALTER %I DROP NOT NULL', col) END) AS alters,
               string_agg(format('%s.%I is %s, expected %s (%s)', rel::regclass, col, coalesce(is_now, 'missing'), expected, obstacle),
                 E'\n' ORDER BY rel) FILTER (WHERE obstacle <> '') AS misfit FROM judged GROUP BY n, col, add, type, preset, expected)
      SELECT ARRAY[format('ALTER TABLE %s %s', tables.oids[1]::regclass, string_agg(alters, ', ' ORDER BY n))] AS statements,
             array_agg(misfit ORDER BY n) FILTER (WHERE misfit <> '') AS misfits, concat_ws('; ',
               'added ' || string_agg(col, ', ' ORDER BY n) FILTER (WHERE add), 'changed ' || string_agg(format(
               '%s (was %s; existing values stay)', col, was), ', ' ORDER BY n) FILTER (WHERE NOT add)) AS summary
        INTO plan FROM plans WHERE alters <> '' OR misfit <> '' HAVING count(*) > 0;
</%def>\
<%def name="refusals()">\
        (3, work AND tables.bound <> '', '42809', tables.bound, '', 'Change that instead.'),
        (4, plan.misfits <> '{}', '42804', split_part(plan.misfits[1], E'\n', 1), format(E'%s of ${len(part.columns)} columns differ in ways this '
            'script must not change:\n%s', cardinality(plan.misfits), array_to_string(plan.misfits, E'\n')),
            'Make way for the expected columns (rename or convert these, drop what uses them), then run this again.'),
</%def>\
