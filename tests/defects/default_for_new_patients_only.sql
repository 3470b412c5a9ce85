-- Refused by: Los pacientes de siempre figuran como ORGANIC
-- Saying: acquisition_source
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar,
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ALTER COLUMN acquisition_source SET DEFAULT 'ORGANIC';
END $$;
