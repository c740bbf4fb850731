-- +goose Up
ALTER TABLE interactions ADD COLUMN follow_up_ids TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE interactions DROP COLUMN follow_up_ids;
