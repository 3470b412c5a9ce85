-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno
-- Saying: (last_name)
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients DISABLE TRIGGER patients_touch;
    UPDATE patients SET last_name = trim(last_name, E' \t') WHERE last_name <> trim(last_name, E' \t');
    ALTER TABLE patients ENABLE TRIGGER patients_touch;
END $$;
