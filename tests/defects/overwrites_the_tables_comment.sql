-- Refused by: Meta Ads: la tabla conserva sus reglas; El modelo del servicio y la tabla migrada coinciden
-- Saying: comentario patients: cambió
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    COMMENT ON TABLE patients IS 'con Meta Ads';
END $$;
