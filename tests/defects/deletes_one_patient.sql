-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno
-- Saying: patients: falta 1 fila
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    DELETE FROM patients WHERE id = (SELECT max(id) FROM patients);
END $$;
