-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: tipo attribution: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    IF to_regtype('attribution') IS NULL THEN CREATE TYPE attribution AS ENUM ('ORGANIC'); END IF;
END $$;
