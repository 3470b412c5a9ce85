-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: lo próximo que se anota recibe el número que le tocaba
-- Saying: secuencia patients_id_seq: cambió
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    PERFORM nextval('patients_id_seq');
END $$;
