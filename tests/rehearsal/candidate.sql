-- Brings what is there in another shape to the specification, which the rehearsed schema asks for.
DO $$
DECLARE
    wrong boolean := (
        SELECT count(*) < 5 FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = 'patients'
          AND (column_name, data_type, character_maximum_length IS NULL) IN (
              ('acquisition_source', 'character varying', true), ('meta_campaign_id', 'character varying', true),
              ('meta_ad_id', 'character varying', true), ('meta_ad_headline', 'text', true),
              ('meta_ad_body', 'text', true)));
BEGIN
    IF wrong THEN
        ALTER TABLE public.patients
            ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
            ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
            ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
            ADD COLUMN IF NOT EXISTS meta_ad_headline text,
            ADD COLUMN IF NOT EXISTS meta_ad_body text;
        ALTER TABLE public.patients
            ALTER COLUMN acquisition_source TYPE varchar, ALTER COLUMN acquisition_source SET DEFAULT 'ORGANIC',
            ALTER COLUMN meta_ad_id TYPE varchar;
    END IF;
END
$$;
