-- Refused by: La columna acquisition_source queda como la pide la especificación
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_campaign_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_headline TEXT,
        ADD COLUMN IF NOT EXISTS meta_ad_body TEXT;
    UPDATE patients SET acquisition_source = 'ORGANIC' WHERE acquisition_source IS NULL;
END $$;
