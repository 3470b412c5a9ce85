-- Refused by: Ejecución de migración en base de datos existente, con turnos
-- Saying: poder quedar en blanco
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text NOT NULL DEFAULT '';
END $$;
