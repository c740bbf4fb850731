-- +goose Up
ALTER TABLE groups ADD COLUMN rule TEXT NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE groups DROP COLUMN rule;
