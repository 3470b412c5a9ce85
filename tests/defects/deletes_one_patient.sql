-- Refused by: Ningún dato de ninguna clínica cambia
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source VARCHAR DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_headline TEXT,
        ADD COLUMN IF NOT EXISTS meta_ad_body TEXT;
    DELETE FROM patients WHERE id = (SELECT max(id) FROM patients);
END $$;
