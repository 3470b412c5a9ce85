-- Refused by: Meta Ads: lo anotado desde entonces se conserva; Meta Ads: no recorre los datos uno por uno
-- Saying: updated_at, acquisition_source
DO $$ BEGIN
    ALTER TABLE patients
        ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC',
        ADD COLUMN IF NOT EXISTS meta_campaign_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_id varchar,
        ADD COLUMN IF NOT EXISTS meta_ad_headline text,
        ADD COLUMN IF NOT EXISTS meta_ad_body text;
    UPDATE patients SET acquisition_source = 'ORGANIC';
END $$;
