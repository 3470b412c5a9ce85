-- IF NOT EXISTS takes the lock even when there is nothing to add: it looks first.
DO $$
BEGIN
    IF NOT (SELECT count(*) = 5 FROM pg_attribute WHERE attrelid = 'patients'::regclass AND NOT attisdropped
        AND attname IN ('acquisition_source', 'meta_campaign_id', 'meta_ad_id', 'meta_ad_headline', 'meta_ad_body')) THEN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    END IF;
END
$$;
