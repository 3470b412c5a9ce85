-- Refused by: Meta Ads: si quien la ejecuta se arrepiente, todo queda como antes; Meta Ads: si no puede terminar, lo dice y no deja nada a medias
-- Saying: acquisition_source
DO $$ BEGIN
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC';
    COMMIT;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_campaign_id varchar;
    COMMIT;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_id varchar;
    COMMIT;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_headline text;
    COMMIT;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_body text;
    COMMIT;
END $$;
