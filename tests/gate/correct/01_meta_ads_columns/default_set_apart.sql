-- The default in two steps: a constant fills existing rows without touching them, then it is stated again.
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'acquisition_source') = 0 THEN
        ALTER TABLE patients ADD acquisition_source varchar DEFAULT 'ORGANIC';
        ALTER TABLE patients ALTER acquisition_source SET DEFAULT 'ORGANIC';
    END IF;
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_campaign_id') = 0 THEN
        ALTER TABLE patients ADD meta_campaign_id varchar;
    END IF;
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_ad_id') = 0 THEN
        ALTER TABLE patients ADD meta_ad_id varchar;
    END IF;
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_ad_headline') = 0 THEN
        ALTER TABLE patients ADD meta_ad_headline text;
    END IF;
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'patients'::regclass AND attname = 'meta_ad_body') = 0 THEN
        ALTER TABLE patients ADD meta_ad_body text;
    END IF;
END
$$;
