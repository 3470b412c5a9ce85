-- Refused by: Una clínica que recién empieza recibe las mismas columnas; Ejecución de migración en base de datos existente; Meta Ads: si no puede terminar, lo dice y no deja nada a medias
-- Saying: Faltan columnas
DO $$ BEGIN
    IF EXISTS (SELECT FROM information_schema.tables WHERE table_schema = 'clinic' AND table_name = 'patients') THEN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    END IF;
END $$;
