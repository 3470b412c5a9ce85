-- Refused by: Meta Ads: la segunda vez no cambia nada; Se completa lo que falta cuando ya existe meta_ad_id
-- Saying: already exists
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN meta_campaign_id varchar,
        ADD COLUMN meta_ad_id varchar,
        ADD COLUMN meta_ad_headline text,
        ADD COLUMN meta_ad_body text;
END $$;
