-- Refused by: Recordatorios: ningún dato de ninguna clínica cambia
-- Saying: falta 1 fila
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text;
    DELETE FROM appointments WHERE id = 7;
END $$;
