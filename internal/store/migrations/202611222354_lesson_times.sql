-- +goose Up
-- The moments by which lessons belong to the period of a report.
CREATE INDEX lessons_created_at ON lessons (created_at, id, sensitivity) WHERE deleted_at IS NULL;
CREATE INDEX lessons_first_applied_at ON lessons (first_applied_at, id, sensitivity, published_at, paused_total) WHERE first_applied_at IS NOT NULL AND deleted_at IS NULL;

-- +goose Down
DROP INDEX lessons_first_applied_at;
DROP INDEX lessons_created_at;
