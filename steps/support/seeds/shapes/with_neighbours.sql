-- Names that differ only in case or schema, and must not be taken for the real ones.
CREATE TABLE "$Table" (id int, $column bigint);
CREATE SCHEMA archive;
CREATE TABLE archive.$table (id int, $column int);
ALTER TABLE $table ADD COLUMN "$Column" integer;
