-- Names that differ only in case or schema, and must not be taken for the real ones.
CREATE TABLE "Patients" (id int, "meta_ad_id" bigint);
CREATE SCHEMA archive;
CREATE TABLE archive.patients (id int, acquisition_source int);
ALTER TABLE patients ADD COLUMN "Meta_Ad_Id" integer;
