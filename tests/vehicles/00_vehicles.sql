CREATE TABLE IF NOT EXISTS vehicles (
    id serial PRIMARY KEY,
    garage_id integer NOT NULL,
    plate text NOT NULL,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now()
);
