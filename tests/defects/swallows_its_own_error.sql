-- Refused by: Meta Ads: si no puede terminar, lo dice y no deja nada a medias
-- Saying: no lo dijo
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
EXCEPTION WHEN others THEN RAISE NOTICE 'listo';
END $$;
