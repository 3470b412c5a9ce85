-- Tries each column that seems to be missing, and lets another runner have been quicker.
DO $$
DECLARE
    wanted text[];
BEGIN
    FOREACH wanted SLICE 1 IN ARRAY ARRAY[
        ['acquisition_source', 'varchar DEFAULT ''ORGANIC'''],
        ['meta_campaign_id', 'varchar'],
        ['meta_ad_id', 'varchar'],
        ['meta_ad_headline', 'text'],
        ['meta_ad_body', 'text']]
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('patients') AND attname = wanted[1]);
        BEGIN
            EXECUTE format('ALTER TABLE patients ADD COLUMN %I %s', wanted[1], wanted[2]);
        EXCEPTION WHEN duplicate_column THEN NULL;
        END;
    END LOOP;
END
$$;
