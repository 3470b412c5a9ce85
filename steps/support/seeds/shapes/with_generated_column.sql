-- A column of its own is computed from another.
ALTER TABLE $table ADD COLUMN twice bigint GENERATED ALWAYS AS (2 * $key) STORED;
