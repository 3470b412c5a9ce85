"""A small dump in plain SQL, as pg_dump writes one, with more at its end; and scripts to judge on it."""

BEGIN = """-- PostgreSQL database dump
SET check_function_bodies = false;
SELECT pg_catalog.set_config('search_path', '', false);
"""
TABLES = """CREATE TABLE public.tenants (
    id integer NOT NULL,
    clinic_name text
);
CREATE TABLE public.patients (
    id bigint NOT NULL,
    tenant_id integer,
    first_name text,
    phone_number character varying(30)
);
"""
ROWS = """COPY public.tenants (id, clinic_name) FROM stdin;
1\tUna
2\tOtra
\\.
COPY public.patients (id, tenant_id, first_name, phone_number) FROM stdin;
30111222\t1\tZulma\t+5491155550001
30111223\t1\tZulma\t+5491155550002
30111224\t2\tZulma\t+5491155550003
30111225\t2\tZulma\t+5491155550004
\\.
ALTER TABLE ONLY public.patients
    ADD CONSTRAINT patients_pkey PRIMARY KEY (id);
"""
END = "-- PostgreSQL database dump complete\n"
CORRECT = """DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns WHERE column_name = 'meta_ad_body') THEN
        ALTER TABLE public.patients ADD COLUMN acquisition_source varchar DEFAULT 'ORGANIC',
            ADD COLUMN meta_campaign_id varchar, ADD COLUMN meta_ad_id varchar,
            ADD COLUMN meta_ad_headline text, ADD COLUMN meta_ad_body text;
        {more}
    END IF;
END $$;
"""


def text(more: str = "", tables: str = TABLES, rows: str = ROWS) -> str:
    """The dump with `more` at its end."""
    return f"{BEGIN}{tables}{rows}{more}{END}"


def correct(more: str = "") -> str:
    """A correct script, and what else it does when it does anything."""
    return CORRECT.format(more=more)
