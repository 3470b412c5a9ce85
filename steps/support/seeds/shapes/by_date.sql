-- Partitioned by the day a row was written; what fits nowhere is in the default partition.
ALTER TABLE $table RENAME TO old;
CREATE TABLE $table (LIKE old INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ($moment);
CREATE TABLE ${table}_2025 PARTITION OF $table FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE ${table}_2026 PARTITION OF $table FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE ${table}_other PARTITION OF $table DEFAULT;
INSERT INTO $table SELECT * FROM old;
ALTER SEQUENCE ${table}_${key}_seq OWNED BY $table.$key;
DROP TABLE old CASCADE;
