-- Refused by: La columna acquisition_source queda como la pide la especificación; Un paciente nuevo sin origen es ORGANIC
-- Saying: ORGANIC
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    ALTER TABLE patients ALTER COLUMN acquisition_source DROP DEFAULT;
END $$;
