-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno
-- Saying: (medical_history
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET medical_history = jsonb_strip_nulls(medical_history)
        WHERE medical_history <> jsonb_strip_nulls(medical_history);
END $$;
