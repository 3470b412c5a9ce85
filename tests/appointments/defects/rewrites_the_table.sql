-- Refused by: Recordatorios: la tabla conserva sus reglas
-- Saying: archivo appointments
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text;
    ALTER TABLE appointments ALTER COLUMN starts_at TYPE timestamptz USING starts_at + interval '0';
END $$;
