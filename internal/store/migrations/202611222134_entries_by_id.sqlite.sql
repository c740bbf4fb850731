-- +goose Up
-- A record's history is read from its newest entry and stops at the page's end.
CREATE INDEX entries_by_id ON entries (kind, record_id, id);

-- +goose Down
DROP INDEX entries_by_id;
