-- The table as it was the day before: where the product's seeds have it, nothing is done.
DO $$
BEGIN
    CREATE TABLE IF NOT EXISTS appointments (
        id         serial PRIMARY KEY,
        patient_id integer NOT NULL REFERENCES patients (id) ON DELETE CASCADE,
        starts_at  timestamptz NOT NULL
    );
END
$$;
