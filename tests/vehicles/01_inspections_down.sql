ALTER TABLE vehicles DROP COLUMN IF EXISTS inspection_result, DROP COLUMN IF EXISTS inspection_notes;
