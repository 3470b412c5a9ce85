-- What a table gathers in production beyond its columns: all of it must outlive a migration.

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER patients_touch BEFORE UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- A role every server has: the suite makes none, roles are not a database's own.
GRANT SELECT ON patients TO pg_monitor;
GRANT SELECT (id, tenant_id) ON patients TO PUBLIC;

ALTER TABLE patients ENABLE ROW LEVEL SECURITY;
CREATE POLICY patients_of_one_clinic ON patients
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::int);

COMMENT ON TABLE patients IS 'Pacientes de todas las clínicas';
COMMENT ON COLUMN patients.dni IS 'Documento; único dentro de la clínica';

ALTER TABLE patients ALTER COLUMN insurance_provider SET STATISTICS 500;
ALTER TABLE patients SET (fillfactor = 90);

CREATE TABLE appointments (
    id         serial PRIMARY KEY,
    patient_id integer NOT NULL REFERENCES patients (id) ON DELETE CASCADE,
    starts_at  timestamptz NOT NULL
);
