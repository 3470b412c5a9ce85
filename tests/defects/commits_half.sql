-- Refused by: Meta Ads: si no puede terminar, lo dice y no deja nada a medias; Meta Ads: se hace todo junto, con una sola orden
-- Saying: columna patients.acquisition_source
ALTER TABLE patients ADD COLUMN IF NOT EXISTS acquisition_source varchar DEFAULT 'ORGANIC';
ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_campaign_id varchar;
ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_id varchar;
ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_headline text;
ALTER TABLE patients ADD COLUMN IF NOT EXISTS meta_ad_body text;
