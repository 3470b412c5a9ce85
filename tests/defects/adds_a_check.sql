-- Refused by: Meta Ads: la tabla conserva sus reglas; La columna acquisition_source guarda emoji sin cambiar una letra; Meta Ads: no recorre los datos uno por uno
-- Saying: restricción patients.source_known: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ADD CONSTRAINT source_known CHECK (acquisition_source IN ('ORGANIC', 'META_ADS'));
END $$;
