-- Refused by: La columna acquisition_source queda como la pide la especificación
-- Saying: obtenido: VARCHAR(20)
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar(20) DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
