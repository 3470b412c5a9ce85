-- A network of clinics that outgrew one table: a partition for some clinics, the rest by hash.
ALTER TABLE $table RENAME TO old;
CREATE TABLE $table (LIKE old INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY ($tenant, $key)) PARTITION BY LIST ($tenant);
CREATE TABLE ${table}_clinic_1 PARTITION OF $table FOR VALUES IN (1);
CREATE TABLE ${table}_rest PARTITION OF $table DEFAULT PARTITION BY HASH ($tenant);
CREATE TABLE ${table}_rest_0 PARTITION OF ${table}_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE ${table}_rest_1 PARTITION OF ${table}_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO $table SELECT * FROM old;
ALTER SEQUENCE ${table}_${key}_seq OWNED BY $table.$key;
DROP TABLE old CASCADE;
