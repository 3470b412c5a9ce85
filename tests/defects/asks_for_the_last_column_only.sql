-- Refused by: Se completa lo que falta cuando ya existe meta_ad_body
-- Saying: obtenido: no existe
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_ad_body') THEN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    END IF;
END $$;
