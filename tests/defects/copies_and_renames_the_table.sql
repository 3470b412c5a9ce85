-- Refused by: Meta Ads: la tabla conserva sus reglas
-- Saying: patients
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    CREATE TABLE patients_new (LIKE patients INCLUDING ALL);
    INSERT INTO patients_new SELECT * FROM patients;
    ALTER TABLE patients RENAME TO patients_old;
    ALTER TABLE patients_new RENAME TO patients;
END $$;
