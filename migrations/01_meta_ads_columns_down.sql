-- Takes back 01_meta_ads_columns.sql: drops the five Meta Ads columns of patients.
--
-- Refuses (SQLSTATE 2BP01) while any row would lose attribution: a source other than 'ORGANIC', or any
-- meta_* value. To drop all the same: alembic -x drop_attribution=yes downgrade 0001, or
-- PGOPTIONS="-c migration.drop_attribution=yes" psql -X -v ON_ERROR_STOP=1 -f migrations/01_meta_ads_columns_down.sql
--
-- Locks: writers wait while the rows are counted (one scan of the table); everyone waits for the drop
-- itself, a change of the catalogue. It gives up (55P03) when it cannot have the table within 2 s.

DO $$
DECLARE
    patients   CONSTANT regclass := to_regclass('patients');
    forced     CONSTANT boolean := coalesce(current_setting('migration.drop_attribution', true), '') = 'yes';
    found      text[];
    attributed bigint;
BEGIN
    SELECT array_agg(attname ORDER BY attnum) INTO found
    FROM pg_attribute
    WHERE attrelid = patients AND NOT attisdropped
      AND attname IN ('acquisition_source', 'meta_campaign_id', 'meta_ad_id', 'meta_ad_headline', 'meta_ad_body');
    IF found IS NULL THEN
        RAISE NOTICE 'nothing to drop: patients has none of the Meta Ads columns';
        RETURN;
    END IF;

    PERFORM set_config('lock_timeout', '2s', true);
    -- Under row-level security a count sees only some rows: ask for an error instead of a wrong number.
    PERFORM set_config('row_security', 'off', true);
    -- SHARE ROW EXCLUSIVE keeps writers out between the count and the drop; readers go on.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', patients);

    IF NOT forced THEN
        EXECUTE (
            SELECT format('SELECT count(*) FROM %s WHERE ', patients)
                || string_agg(CASE WHEN name = 'acquisition_source' THEN format('%I IS DISTINCT FROM ''ORGANIC''', name)
                                   ELSE format('%I IS NOT NULL', name) END, ' OR ')
            FROM unnest(found) AS name
        ) INTO attributed;
        IF attributed > 0 THEN
            RAISE EXCEPTION 'patients holds Meta Ads attribution in % rows; nothing was dropped', attributed
                USING ERRCODE = 'dependent_objects_still_exist',
                      HINT = 'To lose it all the same: alembic -x drop_attribution=yes downgrade, '
                             'or PGOPTIONS="-c migration.drop_attribution=yes" psql.';
        END IF;
    END IF;

    EXECUTE (SELECT format('ALTER TABLE %s ', patients) || string_agg(format('DROP COLUMN %I', name), ', ')
             FROM unnest(found) AS name);
    RAISE NOTICE 'dropped from patients: %', array_to_string(found, ', ');
END
$$;
