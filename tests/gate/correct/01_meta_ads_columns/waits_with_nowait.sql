-- Another way to wait: tries the lock without ever standing in the queue.
DO $$
BEGIN
    IF (SELECT count(*) = 5 FROM pg_attribute WHERE attrelid = 'patients'::regclass AND NOT attisdropped
       AND attname IN ('acquisition_source', 'meta_campaign_id', 'meta_ad_id', 'meta_ad_headline', 'meta_ad_body')) THEN RETURN; END IF;
    LOOP
        BEGIN
            LOCK TABLE patients IN ACCESS EXCLUSIVE MODE NOWAIT;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > now() + interval '1 minute' THEN RAISE; END IF;
            PERFORM pg_sleep(0.02 + random() / 50);
        END;
    END LOOP;
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
END
$$;
