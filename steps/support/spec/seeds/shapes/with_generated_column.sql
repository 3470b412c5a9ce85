-- A column of its own is computed from others.
ALTER TABLE patients ADD COLUMN display_name text
    GENERATED ALWAYS AS (first_name || coalesce(' ' || last_name, '')) STORED;
