ALTER TABLE plans ADD COLUMN brought_by TEXT;

ALTER TABLE plans ADD COLUMN brought_at TEXT;
