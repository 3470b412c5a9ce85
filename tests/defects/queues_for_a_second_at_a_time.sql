-- Refused by: Meta Ads: espera fuera de la cola a que termine un informe largo; Se completa lo que falta cuando ya existe meta_ad_body
-- Saying: se puso en la cola de la tabla
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_ad_body') THEN RETURN; END IF;
    PERFORM set_config('lock_timeout', '1s', true);
    FOR attempt IN 1..30 LOOP
      BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
        RETURN;
      EXCEPTION WHEN lock_not_available THEN PERFORM pg_sleep(0.1);
      END;
    END LOOP;
    RAISE lock_not_available;
END $$;
