-- Another way to ask the catalogue, a column at a time.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = 'patients' AND column_name = 'acquisition_source') THEN
        ALTER TABLE public.patients ADD COLUMN acquisition_source varchar DEFAULT 'ORGANIC';
    END IF;
    IF NOT EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = 'patients' AND column_name = 'meta_campaign_id') THEN
        ALTER TABLE public.patients ADD COLUMN meta_campaign_id varchar;
    END IF;
    IF NOT EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = 'patients' AND column_name = 'meta_ad_id') THEN
        ALTER TABLE public.patients ADD COLUMN meta_ad_id varchar;
    END IF;
    IF NOT EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = 'patients' AND column_name = 'meta_ad_headline') THEN
        ALTER TABLE public.patients ADD COLUMN meta_ad_headline text;
    END IF;
    IF NOT EXISTS (SELECT FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = 'patients' AND column_name = 'meta_ad_body') THEN
        ALTER TABLE public.patients ADD COLUMN meta_ad_body text;
    END IF;
END
$$;
