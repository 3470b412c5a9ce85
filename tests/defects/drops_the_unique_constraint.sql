-- Refused by: La tabla conserva sus reglas
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source VARCHAR DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_id VARCHAR,
        ADD COLUMN IF NOT EXISTS meta_ad_headline TEXT,
        ADD COLUMN IF NOT EXISTS meta_ad_body TEXT;
    ALTER TABLE patients DROP CONSTRAINT IF EXISTS patients_tenant_id_phone_number_key;
END $$;
