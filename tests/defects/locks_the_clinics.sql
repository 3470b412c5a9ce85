-- Refused by: Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: tenants: AccessExclusiveLock
DO $$ BEGIN
    LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
