-- Refused by: Los pacientes de siempre figuran como ORGANIC; Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno; Meta Ads: lo anotado desde entonces se conserva
-- Saying: Hay pacientes existentes con datos que nadie anotó
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET meta_campaign_id = 'desconocida' WHERE id = 6;
END $$;
