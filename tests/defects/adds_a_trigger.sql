-- Refused by: Meta Ads: la tabla conserva sus reglas; Meta Ads: a quien la ejecuta le basta con ser dueño de la tabla
-- Saying: disparador patients.fill_source: apareció
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    CREATE OR REPLACE FUNCTION fill_source() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    DROP TRIGGER IF EXISTS fill_source ON patients;
    CREATE TRIGGER fill_source BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION fill_source();
END $$;
