-- Refused by: Recordatorios: suelta la tabla enseguida
-- Saying: bloqueó la tabla appointments
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text;
    PERFORM pg_sleep(4);
END $$;
