-- Reports stand on the table: a view of all columns, and a materialised one.
CREATE VIEW first_rows AS SELECT * FROM $table WHERE $key < 100;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM $table;
