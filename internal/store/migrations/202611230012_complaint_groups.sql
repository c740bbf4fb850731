-- +goose Up
-- The groups to which the complainant belonged on the day of receipt.
ALTER TABLE complaints ADD COLUMN group_ids TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE complaints DROP COLUMN group_ids;
