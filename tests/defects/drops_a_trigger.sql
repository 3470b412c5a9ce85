-- Refused by: Meta Ads: la tabla conserva sus reglas
-- Saying: disparador patients.patients_touch: desapareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    DROP TRIGGER IF EXISTS patients_touch ON patients;
END $$;
