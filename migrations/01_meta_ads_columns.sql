-- Where to keep which Meta ad brought each patient: five nullable columns on patients (spec 01).
DO $$
DECLARE
    patients CONSTANT regclass := to_regclass('patients');
    additions text;
BEGIN
    SELECT string_agg(format('ADD COLUMN %I %s', want.name, want.definition), ', ' ORDER BY want.position)
    INTO additions
    FROM (VALUES
        (1, 'acquisition_source', 'varchar DEFAULT ''ORGANIC'''),
        (2, 'meta_campaign_id',   'varchar'),
        (3, 'meta_ad_id',         'varchar'),
        (4, 'meta_ad_headline',   'text'),
        (5, 'meta_ad_body',       'text')
    ) AS want (position, name, definition)
    WHERE NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = patients AND attname = want.name AND NOT attisdropped
    );
    IF additions IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', patients, additions);
    END IF;
END
$$;
