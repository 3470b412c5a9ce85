-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno
-- Saying: columna patients.email: cambió
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET email = '' WHERE email IS NULL;
    ALTER TABLE patients ALTER COLUMN email SET NOT NULL;
END $$;
