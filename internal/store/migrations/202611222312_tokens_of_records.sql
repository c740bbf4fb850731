-- +goose Up
CREATE INDEX tokens_record_id ON tokens (record_id) WHERE record_id IS NOT NULL;

-- +goose Down
DROP INDEX tokens_record_id;
