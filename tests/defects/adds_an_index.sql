-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: no recorre los datos uno por uno; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: índice idx_patients_meta_ad_id: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    CREATE INDEX IF NOT EXISTS idx_patients_meta_ad_id ON patients (meta_ad_id);
END $$;
