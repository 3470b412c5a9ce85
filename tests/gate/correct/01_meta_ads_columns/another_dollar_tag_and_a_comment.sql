/* Another tag, another order, upper case,
   ; and $$ in a comment, all on few lines. */
-- DO nothing; twice
DO LANGUAGE plpgsql $migración$ DECLARE todo text; BEGIN
SELECT string_agg('ADD ' || c || ' ' || d, ',') INTO todo FROM (VALUES ('meta_ad_body','TEXT'),('meta_ad_headline','TEXT'),('meta_ad_id','CHARACTER VARYING'),('meta_campaign_id','VARCHAR'),('acquisition_source',$d$VARCHAR DEFAULT 'ORGANIC'::VARCHAR$d$)) v(c,d)
WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'public.patients'::pg_catalog.regclass AND a.attname = c AND a.attnum > 0);
IF todo <> '' THEN EXECUTE 'ALTER TABLE public.patients ' || todo; END IF; END $migración$;
