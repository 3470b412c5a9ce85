-- Refused by: Meta Ads: la segunda vez no cambia nada; Meta Ads: no bloquea ninguna otra tabla; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla; Meta Ads: la tabla conserva sus reglas
-- Saying: migration_log
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    CREATE TABLE IF NOT EXISTS migration_log (at timestamptz);
    INSERT INTO migration_log VALUES (clock_timestamp());
END $$;
