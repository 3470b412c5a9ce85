-- Refused by: Meta Ads: lo anotado desde entonces se conserva; Meta Ads: la segunda vez no cambia nada
-- Saying: meta_ad
DO $$ BEGIN
    ALTER TABLE patients DROP COLUMN IF EXISTS acquisition_source, DROP COLUMN IF EXISTS meta_campaign_id, DROP COLUMN IF EXISTS meta_ad_id, DROP COLUMN IF EXISTS meta_ad_headline, DROP COLUMN IF EXISTS meta_ad_body;
    ALTER TABLE patients
        ADD COLUMN acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN meta_campaign_id varchar,
        ADD COLUMN meta_ad_id varchar,
        ADD COLUMN meta_ad_headline text,
        ADD COLUMN meta_ad_body text;
END $$;
