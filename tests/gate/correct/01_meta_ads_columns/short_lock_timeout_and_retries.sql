-- Another way to wait: a short lock_timeout, local to the block, and a few retries.
DO $$
DECLARE
    done boolean := (SELECT count(*) = 5 FROM pg_attribute WHERE attrelid = 'patients'::regclass AND NOT attisdropped
        AND attname IN ('acquisition_source', 'meta_campaign_id', 'meta_ad_id', 'meta_ad_headline', 'meta_ad_body'));
    usual CONSTANT text := current_setting('lock_timeout');
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    FOR attempt IN 1..100 LOOP
        EXIT WHEN done;
        BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
            done := true;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.1 * random());
        END;
    END LOOP;
    PERFORM set_config('lock_timeout', usual, true);
    IF NOT done THEN
        RAISE lock_not_available USING MESSAGE = 'patients was never free';
    END IF;
END
$$;
