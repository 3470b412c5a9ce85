-- Refused by: La columna acquisition_source queda como la pide la especificación; Meta Ads: la tabla conserva sus reglas
-- Saying: acquisition_source
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
