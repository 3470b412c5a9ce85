-- Refused by: La columna meta_ad_id queda como la pide la especificación
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source VARCHAR DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_id VARCHAR NOT NULL DEFAULT '',
        ADD COLUMN IF NOT EXISTS meta_ad_headline TEXT,
        ADD COLUMN IF NOT EXISTS meta_ad_body TEXT;
END $$;
