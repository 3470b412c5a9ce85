-- Refused by: La columna acquisition_source queda como la pide la especificación; Un paciente nuevo sin origen es ORGANIC; Meta Ads: no recorre los datos uno por uno; Meta Ads: ningún dato de ninguna clínica cambia
-- Saying: ORGANIC
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar,
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET acquisition_source = 'ORGANIC' WHERE acquisition_source IS NULL;
END $$;
