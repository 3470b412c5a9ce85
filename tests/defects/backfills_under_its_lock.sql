-- Refused by: Meta Ads: no recorre los datos uno por uno; Meta Ads: lo anotado desde entonces se conserva
-- Saying: recorrió los pacientes uno por uno
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET acquisition_source = 'ORGANIC' WHERE acquisition_source IS DISTINCT FROM 'ORGANIC';
END $$;
