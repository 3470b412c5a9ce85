-- Refused by: Meta Ads: ningún dato de ninguna clínica cambia; Meta Ads: no recorre los datos uno por uno; Meta Ads: la segunda vez no cambia nada
-- Saying: (notes
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET notes = normalize(notes, NFC) WHERE notes IS NOT NULL;
END $$;
