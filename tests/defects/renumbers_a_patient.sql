-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno; Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla; Meta Ads: la tabla conserva sus reglas
-- Saying: sobra 1 fila
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE appointments DROP CONSTRAINT appointments_patient_id_fkey;
    UPDATE patients SET id = -id WHERE id = 3;
END $$;
