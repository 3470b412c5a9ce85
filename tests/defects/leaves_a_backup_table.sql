-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: no recorre los datos uno por uno; Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: objeto patients_backup: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    CREATE TABLE IF NOT EXISTS patients_backup AS TABLE patients;
END $$;
