-- Refused by: Meta Ads: a mano o con la herramienta de cambios, queda la misma tabla; Meta Ads: si quien la ejecuta se arrepiente, todo queda como antes
-- Saying: syntax error at or near
\set source ORGANIC
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT :'source',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
