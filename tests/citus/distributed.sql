-- A network of clinics on Citus: rows spread over machines by clinic, tenants on every one of them.
-- Citus wants the distribution column in every unique key, and no triggers or keys that cross shards.
ALTER TABLE appointments DROP CONSTRAINT appointments_patient_id_fkey;
DROP TRIGGER patients_touch ON patients;
ALTER TABLE patients DROP CONSTRAINT patients_pkey, ADD PRIMARY KEY (tenant_id, id);
SELECT create_reference_table('tenants');
SELECT create_distributed_table('patients', 'tenant_id');
