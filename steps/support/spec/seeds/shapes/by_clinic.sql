-- A network of clinics that outgrew one table: a partition for some clinics, the rest by hash.
ALTER TABLE patients RENAME TO patients_old;
CREATE TABLE patients (LIKE patients_old INCLUDING DEFAULTS, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE patients_clinic_1 PARTITION OF patients FOR VALUES IN (1);
CREATE TABLE patients_rest PARTITION OF patients DEFAULT PARTITION BY HASH (tenant_id);
CREATE TABLE patients_rest_0 PARTITION OF patients_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE patients_rest_1 PARTITION OF patients_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO patients SELECT * FROM patients_old;
ALTER SEQUENCE patients_id_seq OWNED BY patients.id;
DROP TABLE patients_old CASCADE;
