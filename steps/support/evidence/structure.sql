-- Everything the catalogue says about the tables of every schema, a fact a row: (kind, name, fact).
-- Kinds that begin with 'physical' tell one file or object from a copy of it; they compare one database
-- with itself over time, not two databases. Two-valued facts are spelt out so that a difference reads well.

WITH schemas AS (
    SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'), relations AS (
    SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM schemas)
), tables AS (
    SELECT * FROM relations WHERE relkind IN ('r', 'p', 'f', 'v', 'm')
), columns AS (
    SELECT t.name || '.' || a.attname AS name, a.*
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
)

SELECT 'relation', name,
       format('%s, owner %s, persistence %s, replica identity %s, options %s',
              CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                           WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index'
                           ELSE relkind::text END,
              relowner::regrole, relpersistence,
              relreplident,
              -- with those of the part that keeps long values
              coalesce(nullif(concat_ws(' ', reloptions::text, (SELECT t.reloptions::text FROM pg_class t
                                                                WHERE t.oid = relations.reltoastrelid)), ''), 'none'))
FROM relations

UNION ALL
SELECT 'row security', name,
       CASE WHEN relrowsecurity THEN 'on' ELSE 'off' END || CASE WHEN relforcerowsecurity THEN ', forced on its owner' ELSE '' END
FROM relations WHERE relkind IN ('r', 'p')

UNION ALL
-- Of an index the file alone: a retype of its column makes it anew, on the same file.
SELECT 'physical relation', name, format('object %s, file %s', CASE relkind WHEN 'i' THEN 'i' ELSE oid::text END, relfilenode)
FROM relations WHERE relkind IN ('r', 'p', 'm', 'i', 'S')

UNION ALL
SELECT kind, format('%s para %s', name, coalesce(rolname, 'todos')),
       string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type, grantor)
FROM (SELECT 'privileges', name, relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner)
      FROM relations WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      UNION ALL SELECT 'schema privileges', nspname, nspacl, acldefault('n', nspowner)
      FROM pg_namespace WHERE oid IN (SELECT oid FROM schemas)) owned(kind, name, acl, usual)
CROSS JOIN aclexplode(coalesce(acl, usual)) LEFT JOIN pg_roles ON pg_roles.oid = grantee GROUP BY kind, name, rolname

UNION ALL
SELECT 'column', name,
       format('%s%s%s%s%s', format_type(atttypid, atttypmod),
              CASE WHEN attnotnull THEN ' not null' ELSE '' END,
              coalesce((SELECT CASE WHEN attgenerated <> '' THEN ' generated ' ELSE ' default ' END
                            || pg_get_expr(d.adbin, d.adrelid)
                        FROM pg_attrdef d WHERE d.adrelid = attrelid AND d.adnum = attnum), ''),
              CASE WHEN attidentity <> '' THEN ' identity ' || attidentity::text ELSE '' END,
              CASE WHEN attcollation NOT IN (0, (SELECT typcollation FROM pg_type WHERE pg_type.oid = atttypid))
                   THEN ' collate ' || attcollation::regcollation ELSE '' END)
FROM columns

UNION ALL
SELECT 'column privileges', name, attacl::text FROM columns WHERE attacl IS NOT NULL

UNION ALL
SELECT 'physical column', name, format('position %s', attnum) FROM columns

UNION ALL
-- What an ADD COLUMN does not set by itself. "Not set" is -1 up to Postgres 16 and NULL from 17; compression came with 14.
SELECT 'column storage', name, format('storage %s, statistics %s, options %s, compression %s', attstorage,
                                      coalesce(nullif(attstattarget, -1)::text, 'default'), coalesce(attoptions::text, 'none'),
                                      coalesce(nullif(to_jsonb(columns) ->> 'attcompression', ''), 'default'))
FROM columns JOIN pg_type ON pg_type.oid = atttypid
WHERE attstorage <> typstorage OR coalesce(attstattarget, -1) <> -1 OR attoptions IS NOT NULL
   OR to_jsonb(columns) ->> 'attcompression' <> ''

UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname,
       pg_get_constraintdef(pg_constraint.oid) || CASE WHEN convalidated THEN '' ELSE ' (not validated)' END
FROM pg_constraint JOIN tables ON tables.oid = conrelid

UNION ALL
SELECT 'index', indexrelid::regclass::text,
       pg_get_indexdef(indexrelid) || CASE WHEN indisvalid AND indisready AND indislive THEN '' ELSE ' (invalid)' END
           || CASE WHEN indisclustered THEN ' (cluster)' ELSE '' END
FROM pg_index JOIN tables ON tables.oid = indrelid

UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname,
       pg_get_triggerdef(pg_trigger.oid) || CASE tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || tgenabled::text || ')' END
FROM pg_trigger JOIN tables ON tables.oid = tgrelid
WHERE NOT tgisinternal

UNION ALL
-- The triggers that enforce a foreign key have no name of their own; disabled, the key is a dead letter.
SELECT 'enforcement', tgrelid::regclass || '.' || conname, string_agg(tgenabled::text, '' ORDER BY tgname)
FROM pg_trigger JOIN tables ON tables.oid = tgrelid JOIN pg_constraint ON pg_constraint.oid = tgconstraint
WHERE tgisinternal
GROUP BY tgrelid, conname

UNION ALL
SELECT 'rule', ev_class::regclass || '.' || rulename, pg_get_ruledef(pg_rewrite.oid)
FROM pg_rewrite JOIN tables ON tables.oid = ev_class

UNION ALL
SELECT 'policy', polrelid::regclass || '.' || polname,
       format('%s for %s to %s using %s check %s', CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END,
              polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN tables ON tables.oid = polrelid

UNION ALL
-- Of a role that policies are for, what would have them pass it by. Other roles are the server's alone, and not compared.
SELECT 'role', rolname, format('superuser %s, bypassrls %s, login %s, inherit %s, member of %s', rolsuper, rolbypassrls, rolcanlogin,
       rolinherit, coalesce((SELECT string_agg(m.roleid::regrole::text, ', ' ORDER BY m.roleid::regrole::text)
                             FROM pg_auth_members m WHERE m.member = pg_roles.oid), 'none'))
FROM pg_roles WHERE oid IN (SELECT unnest(polroles) FROM pg_policy)

UNION ALL
SELECT 'sequence', seqrelid::regclass::text,
       format('start %s step %s from %s to %s cache %s cycle %s, owned by %s', seqstart, seqincrement, seqmin, seqmax,
              seqcache, seqcycle, coalesce((SELECT columns.name FROM pg_depend JOIN columns
                                            ON attrelid = refobjid AND attnum = refobjsubid
                                            WHERE objid = seqrelid AND deptype IN ('a', 'i')), 'no column'))
FROM pg_sequence JOIN relations ON relations.oid = seqrelid

UNION ALL
SELECT 'physical sequence', name, 'position ' || coalesce(pg_sequence_last_value(oid)::text, 'not used yet')
FROM relations WHERE relkind = 'S'

UNION ALL
SELECT 'comment', coalesce(columns.name, tables.name), description
FROM pg_description
JOIN tables ON tables.oid = objoid
LEFT JOIN columns ON attrelid = objoid AND attnum = objsubid
WHERE classoid = 'pg_class'::regclass

UNION ALL
SELECT 'comment', i.type || ' ' || i.identity, description
FROM pg_description d CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) i
WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass)
  AND NOT (classoid = 'pg_class'::regclass AND objoid IN (SELECT oid FROM tables))

UNION ALL
SELECT 'parent', inhrelid::regclass::text, inhparent::regclass::text || coalesce(
           ' ' || (SELECT pg_get_expr(relpartbound, inhrelid) FROM pg_class WHERE oid = inhrelid), '')
FROM pg_inherits JOIN tables ON tables.oid = inhrelid

UNION ALL
SELECT 'statistics', stxname::text, pg_get_statisticsobjdef(pg_statistic_ext.oid)
       || coalesce(' target ' || nullif(to_jsonb(pg_statistic_ext) ->> 'stxstattarget', '-1'), '')
FROM pg_statistic_ext JOIN tables ON tables.oid = stxrelid

UNION ALL
SELECT 'publication', pubname::text, format('all tables %s, inserts %s, updates %s, deletes %s, truncates %s, via root %s',
       puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot)
FROM pg_publication

UNION ALL
SELECT 'published table', tables.name, string_agg(pubname::text, ', ' ORDER BY pubname)
FROM pg_publication_tables p JOIN tables ON relname = p.tablename AND relnamespace::regnamespace::text = quote_ident(p.schemaname)
GROUP BY tables.name

UNION ALL
SELECT 'function', p.oid::regprocedure::text,
       format('returns %s of %s, body %s, language %s, volatility %s, security definer %s, owner %s, settings %s, privileges %s, '
              'cost %s rows %s strict %s leakproof %s parallel %s support %s',
              coalesce(pg_get_function_result(p.oid), 'nothing'), pg_get_function_arguments(p.oid),
              md5(prosrc || coalesce(to_jsonb(p) ->> 'prosqlbody', '')),
              (SELECT lanname FROM pg_language WHERE pg_language.oid = prolang), provolatile, prosecdef,
              proowner::regrole, coalesce(proconfig::text, 'none'), coalesce(proacl::text, 'everybody''s'),
              procost, prorows, proisstrict, proleakproof, proparallel, prosupport)
FROM pg_proc p WHERE pronamespace IN (SELECT oid FROM schemas)

UNION ALL
SELECT 'type', t.oid::regtype::text,
       concat_ws(', ', CASE typtype WHEN 'd' THEN 'domain over ' || format_type(typbasetype, typtypmod)
                                    WHEN 'e' THEN 'enum' ELSE typtype::text END,
                 CASE WHEN typnotnull THEN 'not null' END, 'default ' || typdefault, 'owner ' || typowner::regrole, typacl::text,
                 (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ' ' ORDER BY attnum)
                  FROM pg_attribute WHERE attrelid = typrelid AND NOT attisdropped),
                 (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
                 (SELECT string_agg(pg_get_constraintdef(c.oid), ' ' ORDER BY conname)
                  FROM pg_constraint c WHERE contypid = t.oid AND contype = 'c'))
FROM pg_type t
WHERE typnamespace IN (SELECT oid FROM schemas) AND typelem = 0
  AND (typrelid = 0 OR typrelid IN (SELECT oid FROM relations WHERE relkind = 'c'))

UNION ALL
SELECT 'schema', nspname::text, format('owner %s', nspowner::regrole) FROM pg_namespace WHERE oid IN (SELECT oid FROM schemas)

UNION ALL
-- What every later session begins with. Roles themselves belong to no database and are not compared.
SELECT 'setting', coalesce('role ' || r.rolname, 'all roles') || CASE setdatabase WHEN 0 THEN ' in all databases' ELSE '' END,
       array_to_string(s.setconfig, ', ')
FROM pg_db_role_setting s
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))

UNION ALL
SELECT 'default privileges', format('of %s in %s', defaclrole::regrole, coalesce(nspname, 'every schema')),
       string_agg(format('%s %s', defaclobjtype, defaclacl), ', ' ORDER BY defaclobjtype)
FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace
GROUP BY 2

UNION ALL
-- They are no table's, and a document of somebody's may be one.
SELECT 'large objects', 'de la base de datos', format('%s, contents %s', count(*),
       md5(string_agg(oid || md5(lo_get(oid)), ' ' ORDER BY oid)))
FROM pg_largeobject_metadata

UNION ALL
-- What has no fact of its own: by all that its catalogues say of it, numbers of other objects included.
SELECT 'physical object', i.type || ' ' || i.identity, md5(string_agg(o.fact::text, ' ' ORDER BY o.fact::text))
FROM (SELECT 'pg_proc'::regclass AS catalogue, aggfnoid::oid AS id, to_jsonb(t) AS fact FROM pg_aggregate t
      UNION ALL SELECT 'pg_am'::regclass, oid, to_jsonb(t) FROM pg_am t
      UNION ALL SELECT 'pg_amop'::regclass, oid, to_jsonb(t) FROM pg_amop t
      UNION ALL SELECT 'pg_amproc'::regclass, oid, to_jsonb(t) FROM pg_amproc t
      UNION ALL SELECT 'pg_cast'::regclass, oid, to_jsonb(t) FROM pg_cast t
      UNION ALL SELECT 'pg_collation'::regclass, oid, to_jsonb(t) FROM pg_collation t
      UNION ALL SELECT 'pg_conversion'::regclass, oid, to_jsonb(t) FROM pg_conversion t
      UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, to_jsonb(t) FROM pg_foreign_data_wrapper t
      UNION ALL SELECT 'pg_foreign_server'::regclass, oid, to_jsonb(t) FROM pg_foreign_server t
      UNION ALL SELECT 'pg_foreign_server'::regclass, srvid, to_jsonb(t) FROM pg_user_mappings t  -- the catalogue is secret
      UNION ALL SELECT 'pg_class'::regclass, ftrelid, to_jsonb(t) FROM pg_foreign_table t
      UNION ALL SELECT 'pg_language'::regclass, oid, to_jsonb(t) FROM pg_language t
      UNION ALL SELECT 'pg_largeobject'::regclass, oid, to_jsonb(t) FROM pg_largeobject_metadata t WHERE lomacl IS NOT NULL
      UNION ALL SELECT 'pg_opclass'::regclass, oid, to_jsonb(t) FROM pg_opclass t
      UNION ALL SELECT 'pg_operator'::regclass, oid, to_jsonb(t) FROM pg_operator t
      UNION ALL SELECT 'pg_opfamily'::regclass, oid, to_jsonb(t) FROM pg_opfamily t
      UNION ALL SELECT 'pg_transform'::regclass, oid, to_jsonb(t) FROM pg_transform t
      UNION ALL SELECT 'pg_ts_config'::regclass, oid, to_jsonb(t) FROM pg_ts_config t
      UNION ALL SELECT 'pg_ts_config'::regclass, mapcfg, to_jsonb(t) FROM pg_ts_config_map t
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid, to_jsonb(t) FROM pg_ts_dict t
      UNION ALL SELECT 'pg_ts_parser'::regclass, oid, to_jsonb(t) FROM pg_ts_parser t
      UNION ALL SELECT 'pg_ts_template'::regclass, oid, to_jsonb(t) FROM pg_ts_template t) o
CROSS JOIN LATERAL pg_identify_object(o.catalogue, o.id, 0) i
WHERE o.id >= 16384 OR o.catalogue IN ('pg_language'::regclass, 'pg_largeobject'::regclass)
GROUP BY 2

UNION ALL
-- Of the database itself, which a clone of it has not: what it is without having been told anything.
SELECT 'database', 'entera', format('privileges %s, comment %s, at most %s',
       (SELECT string_agg(item::text, ', ' ORDER BY item::text) FROM unnest(coalesce(datacl, acldefault('d', datdba))) item),
       coalesce(shobj_description(oid, 'pg_database'), 'none'), datconnlimit)
FROM pg_database WHERE datname = current_database()

UNION ALL
SELECT 'event trigger', evtname::text, format('on %s, enabled %s', evtevent, evtenabled) FROM pg_event_trigger

UNION ALL
SELECT 'extension', extname::text, extversion FROM pg_extension

ORDER BY 1, 2, 3
