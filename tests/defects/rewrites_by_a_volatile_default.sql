-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno; Meta Ads: lo anotado desde entonces se conserva
-- Saying: archivo patients
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar DEFAULT gen_random_uuid()::varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ALTER COLUMN meta_ad_id DROP DEFAULT;
    UPDATE patients SET meta_ad_id = NULL;
END $$;
