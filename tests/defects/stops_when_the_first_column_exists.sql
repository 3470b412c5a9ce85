-- Refused by: Se completa lo que falta cuando ya existe acquisition_source
-- Saying: obtenido: no existe
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'acquisition_source') THEN
    ALTER TABLE patients
        ADD COLUMN acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN meta_campaign_id varchar,
        ADD COLUMN meta_ad_id varchar,
        ADD COLUMN meta_ad_headline text,
        ADD COLUMN meta_ad_body text;
    END IF;
END $$;
