-- Refused by: La segunda vez no cambia nada
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN acquisition_source VARCHAR DEFAULT 'ORGANIC',
        ADD COLUMN meta_campaign_id VARCHAR,
        ADD COLUMN meta_ad_id VARCHAR,
        ADD COLUMN meta_ad_headline TEXT,
        ADD COLUMN meta_ad_body TEXT;
END $$;
