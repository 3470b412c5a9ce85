-- 01_meta_ads_columns_look: what hangs on public.patients and does not follow 01_meta_ads_columns.sql by itself.
-- A plain query: it changes nothing and waits for nothing, on a standby too. No row: nothing to look after.
-- Run it weeks before:  psql -X -f 01_meta_ads_columns_look.sql
WITH RECURSIVE added(name) AS (
  VALUES ('acquisition_source'), ('meta_campaign_id'), ('meta_ad_id'), ('meta_ad_headline'), ('meta_ad_body')
), family AS (
  SELECT to_regclass('public.patients')::oid AS oid
  UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = oid
), own AS (  -- the columns that are there
  SELECT attname, attnum, attacl, atttypid FROM pg_attribute
   WHERE attrelid = to_regclass('public.patients') AND attnum > 0 AND NOT attisdropped
), missing AS (
  SELECT string_agg(name, ', ') AS names FROM added WHERE name NOT IN (SELECT attname FROM own) HAVING count(*) > 0
), member AS (  -- publications that name the table; a list of columns came with Postgres 15
  SELECT pubname, prrelid::regclass AS relation, to_jsonb(r) ->> 'prattrs' AS listed
    FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = prpubid WHERE prrelid IN (SELECT oid FROM family)
), look(place, "when", what, say) AS (
  SELECT 1, 'before', 'publication ' || quote_ident(pubname),
         'sends whole rows: migrate its subscribers first, or they stop at the next row until they have the columns'
    FROM (SELECT pubname FROM member WHERE listed IS NULL
          UNION SELECT pubname FROM pg_publication_tables WHERE to_regclass(format('%I.%I', schemaname, tablename))
            IN (SELECT oid FROM family) AND pubname NOT IN (SELECT pubname FROM member)) AS whole
  UNION ALL
  SELECT 2, 'after', 'publication ' || quote_ident(pubname), 'lists columns of ' || relation
         || ', and not the new ones: docs/dba.md has the statements that add them'
    FROM member WHERE listed <> ''
  UNION ALL
  SELECT DISTINCT 3, 'after', 'role ' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
         format('may %s column by column, and not the new ones. To allow it: GRANT %1$s (%s) ON public.patients TO %s',
                privilege_type, names, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM own, aclexplode(attacl), missing
  UNION ALL
  SELECT 4, 'before', 'column ' || quote_ident(attname),
         'may hold the same as a new column, which begins empty beside it: compare, convert or rename it'
    FROM own WHERE attname NOT IN (SELECT name FROM added)
     AND replace(lower(attname), '_', '')
         ~ 'utm|firsttouch|lasttouch|leadsource|acquisitionsource|campaign|adid|adheadline|adbody'
)
SELECT "when", what, say FROM look, missing ORDER BY place, what;
