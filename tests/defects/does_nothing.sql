-- Refused by: La columna acquisition_source queda como la pide la especificación; La migración agrega esas cinco columnas y ninguna otra; Ejecución de migración en base de datos existente; Meta Ads: si no puede terminar, lo dice y no deja nada a medias
-- Saying: Faltan columnas en patients.
DO $$ BEGIN
END $$;
