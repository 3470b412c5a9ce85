-- Refused by: La columna acquisition_source queda como la pide la especificación
DO $$ BEGIN END $$;
