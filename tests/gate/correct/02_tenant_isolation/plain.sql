DO $$ DECLARE own text; t record; p record; BEGIN
    IF to_regrole('orchestrator_tenant') IS NULL THEN CREATE ROLE orchestrator_tenant NOLOGIN NOINHERIT; END IF;
    FOR t IN SELECT * FROM (VALUES ('patients', 'tenant_id'), ('tenants', 'id')) v(name, key) LOOP
        own := format('%I = nullif(current_setting(''app.tenant_id'', true), '''')::int', t.key);
        IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = t.name::regclass) THEN
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.name);
            IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = t.name::regclass AND polname = 'rows_as_before') THEN
                EXECUTE format('CREATE POLICY rows_as_before ON %I USING (true) WITH CHECK (true)', t.name);
            END IF;
        END IF;
        FOR p IN SELECT * FROM (VALUES ('tenant_rows', 'PERMISSIVE'), ('tenant_rows_only', 'RESTRICTIVE')) v(name, kind) LOOP
            IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = t.name::regclass AND polname = p.name) THEN
                EXECUTE format('CREATE POLICY %I ON %I AS %s TO orchestrator_tenant USING (%s) WITH CHECK (%4$s)',
                               p.name, t.name, p.kind, own);
            END IF;
        END LOOP;
    END LOOP;
    GRANT SELECT, INSERT, UPDATE, DELETE ON patients TO orchestrator_tenant;
    GRANT SELECT, UPDATE ON tenants TO orchestrator_tenant;
    GRANT USAGE ON SEQUENCE patients_id_seq TO orchestrator_tenant;
END $$;
