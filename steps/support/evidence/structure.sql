-- Everything the catalogue says about what a database has: whole rows, so that no fact is forgotten.
-- A row an object or a part of it: its sort, its table, its name, what is said of it, the numbers it has here.

WITH ours AS (
    SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
    SELECT * FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
), facts(catalogue, class, id, sub, fact) AS (
    -- A catalogue may say something of an object that is in another one, its class.
    {rows}
    UNION ALL
    SELECT 'pg_class', 'pg_class', oid, 0, to_jsonb(relations)
           - '{relpages, reltuples, relallvisible, relallfrozen, relfrozenxid, relminmxid, relnatts, relacl}'::text[]
           - '{reltoastrelid, relhasindex, relhasrules, relhastriggers, relhassubclass, relchecks}'::text[]
           || jsonb_build_object('bound', pg_get_expr(relpartbound, oid), 'long values', (
               SELECT t.reloptions FROM pg_class t WHERE t.oid = relations.reltoastrelid))
    FROM relations
    UNION ALL
    -- An index is known by its definition and its file: a retype of its column makes it anew, on the same file.
    SELECT 'pg_index', 'pg_class', indexrelid, 0, to_jsonb(i) - '{indexrelid, indcheckxmin}'::text[]
           || jsonb_build_object('definition', pg_get_indexdef(indexrelid), 'statistics', (
               SELECT jsonb_agg(attstattarget ORDER BY attnum) FROM pg_attribute WHERE attrelid = indexrelid))
    FROM pg_index i WHERE indrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'pg_attribute', 'pg_class', attrelid, attnum,
           to_jsonb(a) - '{attcacheoff, attmissingval, atthasmissing, attacl}'::text[]
           || jsonb_build_object('type', format_type(atttypid, atttypmod),
               'collation', nullif(attcollation, 0)::regcollation, 'default', (
               SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
    FROM pg_attribute a JOIN relations r ON r.oid = attrelid
    WHERE attnum > 0 AND NOT attisdropped AND relkind NOT IN ('i', 'I', 'S')
    UNION ALL
    SELECT 'pg_sequence', 'pg_class', seqrelid, 0, to_jsonb(s) || jsonb_build_object(
           'position', pg_sequence_last_value(seqrelid), 'column', pg_describe_object(refclassid, refobjid, refobjsubid))
    FROM pg_sequence s
    LEFT JOIN pg_depend ON classid = 'pg_class'::regclass AND objid = seqrelid AND deptype IN ('a', 'i')
    UNION ALL
    SELECT 'pg_inherits', 'pg_class', inhrelid, 0, to_jsonb(i) || jsonb_build_object(
           'parent ' || inhseqno, regexp_replace(inhparent::regclass::text, '^public[.]', ''))
    FROM pg_inherits i WHERE inhrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'pg_partitioned_table', 'pg_class', partrelid, 0, jsonb_build_object('key', pg_get_partkeydef(partrelid))
    FROM pg_partitioned_table
    UNION ALL
    SELECT 'pg_foreign_table', 'pg_class', ftrelid, 0, to_jsonb(t) FROM pg_foreign_table t
    UNION ALL
    SELECT 'pg_trigger', 'pg_trigger', oid, 0, to_jsonb(t) FROM pg_trigger t WHERE NOT tgisinternal
    UNION ALL
    -- The triggers that enforce a foreign key have no name of their own; disabled, the key is a dead letter.
    SELECT 'enforcement', 'pg_constraint', tgconstraint, 0,
           jsonb_build_object('enforced', string_agg(tgenabled::text, '' ORDER BY tgenabled))
    FROM pg_trigger WHERE tgisinternal AND tgconstraint <> 0 GROUP BY tgconstraint
    UNION ALL
    SELECT 'pg_proc', 'pg_proc', oid, 0, to_jsonb(t) - 'prosrc' FROM pg_proc t WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_aggregate', 'pg_proc', aggfnoid, 0, to_jsonb(t) FROM pg_aggregate t WHERE aggfnoid >= 16384
    UNION ALL
    SELECT 'pg_type', 'pg_type', oid, 0, to_jsonb(t) FROM pg_type t
    WHERE typnamespace IN (SELECT oid FROM ours) AND typelem = 0
      AND (typrelid = 0 OR typrelid IN (SELECT oid FROM relations WHERE relkind = 'c'))
    UNION ALL
    SELECT 'pg_enum', 'pg_type', enumtypid, 0, jsonb_build_object('labels', jsonb_agg(enumlabel ORDER BY enumsortorder))
    FROM pg_enum GROUP BY enumtypid
    UNION ALL
    SELECT 'pg_ts_config_map', 'pg_ts_config', mapcfg, 0,
           jsonb_build_object('map', jsonb_agg(to_jsonb(t) ORDER BY maptokentype, mapseqno))
    FROM pg_ts_config_map t WHERE mapcfg >= 16384 GROUP BY mapcfg
    UNION ALL
    SELECT 'pg_user_mappings', 'pg_foreign_server', srvid, 0,
           jsonb_build_object('users', jsonb_agg(to_jsonb(t) ORDER BY umid))
    FROM pg_user_mappings t GROUP BY srvid
    UNION ALL
    SELECT 'pg_publication_tables', 'pg_publication', p.oid, 0,
           jsonb_build_object('tables', jsonb_agg(to_jsonb(t) - 'attnames' ORDER BY schemaname, tablename))
    FROM pg_publication_tables t JOIN pg_publication p USING (pubname) GROUP BY p.oid
    UNION ALL
    SELECT 'pg_largeobject_metadata', 'pg_largeobject', oid, 0,
           to_jsonb(t) || jsonb_build_object('contents', md5(lo_get(oid))) FROM pg_largeobject_metadata t
    UNION ALL
    SELECT 'pg_namespace', 'pg_namespace', oid, 0, to_jsonb(t) - 'nspacl' FROM pg_namespace t
    WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'pg_description', classoid::regclass::text, objoid, objsubid, jsonb_build_object('comment', description)
    FROM pg_description WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass
), apart(catalogue, numbers, trees) AS (
    -- Numbers by which a database tells its objects, of use against itself alone; and trees, which definitions say.
    SELECT attrelid::regclass::text,
           array_agg(attname::text) FILTER (WHERE atttypid <> 'pg_node_tree'::regtype) || '{attnum, position}',
           coalesce(array_agg(attname::text) FILTER (WHERE atttypid = 'pg_node_tree'::regtype), '{}')
    FROM pg_attribute
    WHERE attrelid < 16384
      AND atttypid = ANY ('{oid, oid[], oidvector, int2[], int2vector, xid, pg_node_tree}'::regtype[])
    GROUP BY attrelid
), named AS (
    SELECT f.*, coalesce(numbers, '{position}') AS numbers, coalesce(trees, '{}') AS trees,
           i.type, i.identity, object_names AS names, cardinality(object_names) > 1
               AND class IN ('pg_class', 'pg_constraint', 'pg_trigger', 'pg_rewrite', 'pg_policy') AS of_a_table
    FROM facts f LEFT JOIN apart USING (catalogue)
    CROSS JOIN LATERAL pg_identify_object(class::regclass, id, sub) i
    CROSS JOIN LATERAL pg_identify_object_as_address(class::regclass, id, sub)
    WHERE (id >= 16384 OR id IN (SELECT oid FROM ours) OR class IN ('pg_language', 'pg_largeobject'))
      AND fact ->> 'contype' IS DISTINCT FROM 'n'  -- from 18 on, what attnotnull of its column says
)

SELECT type, CASE WHEN of_a_table THEN regexp_replace(names[1] || '.' || names[2], '^public[.]', '') ELSE '' END,
       CASE WHEN of_a_table THEN coalesce(names[3], '') ELSE regexp_replace(identity, '^public[.]', '') END,
       fact - numbers - trees || coalesce((
           SELECT jsonb_object_agg('owner', (value #>> '{}')::oid::regrole) FROM jsonb_each(fact) WHERE key ~ 'owner$'), '{}')
       || CASE catalogue
              WHEN 'pg_policy' THEN (
                  SELECT jsonb_build_object('to', polroles::regrole[], 'using', pg_get_expr(polqual, polrelid),
                                            'check', pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE oid = id)
              WHEN 'pg_constraint' THEN jsonb_build_object('definition', pg_get_constraintdef(id))
              WHEN 'pg_rewrite' THEN jsonb_build_object('definition', pg_get_ruledef(id))
              WHEN 'pg_statistic_ext' THEN jsonb_build_object('definition', pg_get_statisticsobjdef(id))
              WHEN 'pg_trigger' THEN jsonb_build_object('definition', pg_get_triggerdef(id))
              WHEN 'pg_proc' THEN jsonb_build_object(
                  'definition', CASE WHEN fact ->> 'prokind' <> 'a' THEN pg_get_functiondef(id) END)
              ELSE '{}' END,
       (SELECT jsonb_object_agg(key, value) FROM jsonb_each(fact) WHERE key = ANY (numbers)
            -- What is made anew when its column gets another type has other numbers, on the same file.
            AND NOT (catalogue IN ('pg_constraint', 'pg_statistic_ext') AND key IN ('oid', 'conindid', 'conparentid'))
            AND NOT (coalesce(fact ->> 'relkind', '') IN ('i', 'I') AND key <> 'relfilenode'))
FROM named

UNION ALL
SELECT 'privileges', name, coalesce(rolname, 'PUBLIC'), jsonb_build_object('granted', string_agg(
       privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', '
       ORDER BY privilege_type, grantor)), '{}'
FROM (SELECT regexp_replace(oid::regclass::text, '^public[.]', ''),
             coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))
      FROM relations WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      UNION ALL SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner))
      FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)) owned(name, acl)
CROSS JOIN aclexplode(acl) LEFT JOIN pg_roles ON pg_roles.oid = grantee GROUP BY name, rolname

UNION ALL
SELECT 'column privileges', regexp_replace(attrelid::regclass::text, '^public[.]', ''), attname,
       jsonb_build_object('granted', attacl::text[]), '{}'
FROM pg_attribute WHERE attrelid IN (SELECT oid FROM relations) AND attacl IS NOT NULL

UNION ALL
-- Of a role that policies are for, what would have them pass it by. Other roles are the server's, and not compared.
SELECT 'role', '', rolname, to_jsonb(r) - '{oid, rolpassword}'::text[] || jsonb_build_object('member of', (
           SELECT jsonb_agg(roleid::regrole ORDER BY roleid) FROM pg_auth_members WHERE member = r.oid)), '{}'
FROM pg_roles r WHERE oid IN (SELECT unnest(polroles) FROM pg_policy)

UNION ALL
-- What every later session begins with; but for the guests of other runs on the server.
SELECT 'setting', '', coalesce('role ' || rolname, 'all roles')
       || CASE setdatabase WHEN 0 THEN ' in all databases' ELSE '' END, jsonb_build_object('settings', setconfig), '{}'
FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND (setrole = 0 OR rolname = current_user OR rolname !~ '^acceptance_')

UNION ALL
-- Of the database itself, which a clone of it has not: what it is without having been told anything.
SELECT 'database', '', '', jsonb_build_object(
       'privileges', coalesce(datacl, acldefault('d', datdba))::text[], 'limit', datconnlimit,
       'comment', shobj_description(oid, 'pg_database')), '{}'
FROM pg_database WHERE datname = current_database()
