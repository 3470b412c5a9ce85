-- Refused by: Se completa lo que falta cuando ya existe acquisition_source
-- Saying: meta_ad_id
DO $$ BEGIN
    IF (SELECT count(*) FROM information_schema.columns WHERE table_name = 'patients' AND column_name ~ '^(acq|meta_)') = 0 THEN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    END IF;
END $$;
