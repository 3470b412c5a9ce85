-- Partitioned by the day a patient was registered; what fits nowhere is in the default partition.
ALTER TABLE patients RENAME TO patients_old;
CREATE TABLE patients (LIKE patients_old INCLUDING DEFAULTS) PARTITION BY RANGE (created_at);
CREATE TABLE patients_2025 PARTITION OF patients FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE patients_2026 PARTITION OF patients FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE patients_other PARTITION OF patients DEFAULT;
INSERT INTO patients SELECT * FROM patients_old;
ALTER SEQUENCE patients_id_seq OWNED BY patients.id;
DROP TABLE patients_old CASCADE;
