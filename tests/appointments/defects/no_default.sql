-- Refused by: Ejecución de migración en base de datos existente, con turnos
-- Saying: default
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar,
        ADD COLUMN IF NOT EXISTS reminder_note text;
END $$;
