-- Refused by: Meta Ads: un servicio con psycopg2 no pierde ninguna consulta preparada; Meta Ads: un servicio con asyncpg no pierde ninguna consulta preparada; Meta Ads: las consultas ya preparadas anotan durante la migración; Meta Ads: la tabla conserva sus reglas
-- Saying: 0A000: cached plan must not change result type
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ALTER COLUMN notes TYPE varchar;
END $$;
