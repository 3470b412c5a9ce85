-- Refused by: Recordatorios: repetirla no toca la tabla, ni siquiera si está bloqueada
-- Saying: se puso en la cola
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text;
END $$;
