-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: lo próximo que se anota recibe el número que le tocaba; Meta Ads: no recorre los datos uno por uno; Meta Ads: la tabla conserva sus reglas
-- Saying: patients: sobra 1 fila
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (1, '0', 'Prueba') ON CONFLICT DO NOTHING;
END $$;
