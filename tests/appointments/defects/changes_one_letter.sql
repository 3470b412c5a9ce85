-- Refused by: Recordatorios: ningún dato de ninguna clínica cambia
-- Saying: (first_name
DO $$ BEGIN
    ALTER TABLE appointments
        ADD COLUMN IF NOT EXISTS reminder_channel varchar DEFAULT 'WHATSAPP',
        ADD COLUMN IF NOT EXISTS reminder_note text;
    UPDATE patients SET first_name = overlay(first_name placing 'x' from 1 for 1) WHERE id = 4;
END $$;
