-- Refused by: La columna acquisition_source queda como la pide la especificación; Meta Ads: si no puede terminar, lo dice y no deja nada a medias; Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: acquisition_source
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
