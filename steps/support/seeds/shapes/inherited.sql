-- Another table inherits from it, with a row of its own.
CREATE TABLE heirs (room text) INHERITS ($table);
CREATE TEMP TABLE one AS SELECT * FROM ONLY $table ORDER BY $key LIMIT 1;
UPDATE one SET $key = 90001;
INSERT INTO heirs SELECT *, 'A' FROM one;
DROP TABLE one;
