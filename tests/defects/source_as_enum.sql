-- Refused by: La columna acquisition_source queda como la pide la especificación; Meta Ads: la tabla conserva sus reglas; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: source_kind
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    IF to_regtype('source_kind') IS NULL THEN CREATE TYPE source_kind AS ENUM ('ORGANIC', 'META_ADS'); END IF;
    ALTER TABLE patients ADD COLUMN IF NOT EXISTS acquisition_source source_kind DEFAULT 'ORGANIC';
END $$;
