-- Refused by: Ejecución de migración en base de datos existente, con turnos
-- Saying: valor por defecto
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar,
        ADD COLUMN IF NOT EXISTS reminder_note text;
END $$;
