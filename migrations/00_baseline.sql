-- The tables as they were the day before Meta Ads attribution: tenants (one row per clinic) and patients.
--
-- Creates what is missing and leaves an existing table exactly as it is, indexes included: on a live
-- database this script is a look at the catalogue and nothing else.
--
--   psql -X -v ON_ERROR_STOP=1 -f migrations/00_baseline.sql      or      alembic upgrade head

DO $$
BEGIN
    IF to_regclass('tenants') IS NULL THEN
        CREATE TABLE tenants (
            id               serial PRIMARY KEY,
            clinic_name      text NOT NULL DEFAULT 'Clínica Dental',
            bot_phone_number text NOT NULL UNIQUE,
            owner_email      text,
            clinic_location  text,
            clinic_website   text,
            created_at       timestamptz DEFAULT now(),
            updated_at       timestamptz DEFAULT now()
        );
    END IF;

    IF to_regclass('patients') IS NULL THEN
        CREATE TABLE patients (
            id                      serial PRIMARY KEY,
            tenant_id               integer NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            phone_number            varchar(20) NOT NULL,
            dni                     varchar(15),
            first_name              varchar(100) NOT NULL,
            last_name               varchar(100),
            birth_date              date,
            gender                  varchar(10),
            insurance_provider      varchar(100),
            insurance_id            varchar(50),
            insurance_valid_until   date,
            medical_history         jsonb DEFAULT '{}',
            email                   varchar(255),
            alternative_phone       varchar(20),
            status                  varchar(20) DEFAULT 'active',
            preferred_schedule      varchar(50),
            notes                   text,
            human_handoff_requested boolean DEFAULT false,
            human_override_until    timestamptz,
            last_derivhumano_at     timestamptz,
            created_at              timestamptz DEFAULT now(),
            updated_at              timestamptz DEFAULT now(),
            last_visit              timestamptz,
            UNIQUE (tenant_id, phone_number),
            UNIQUE (tenant_id, dni)
        );
        CREATE INDEX idx_patients_tenant_phone ON patients (tenant_id, phone_number);
        CREATE INDEX idx_patients_tenant_dni   ON patients (tenant_id, dni);
        CREATE INDEX idx_patients_status       ON patients (status);
        CREATE INDEX idx_patients_insurance    ON patients (insurance_provider);
        CREATE INDEX idx_patients_handoff      ON patients (human_handoff_requested)
            WHERE human_handoff_requested = true;
    END IF;
END
$$;
