-- Refused by: La columna acquisition_source queda como la pide la especificación
-- Saying: CHARACTER(7)
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source char(7) DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
