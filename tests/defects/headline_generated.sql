-- Refused by: La columna meta_ad_headline queda como la pide la especificación; Meta Ads: no recorre los datos uno por uno; Meta Ads: la tabla conserva sus reglas
-- Saying: generada
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text GENERATED ALWAYS AS (notes) STORED,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
