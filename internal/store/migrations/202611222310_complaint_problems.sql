-- +goose Up

-- Complaints share problems, and lessons are learned in them.
ALTER TABLE complaints ADD COLUMN problem_id TEXT REFERENCES problems (id);
CREATE INDEX complaints_problem_id_updated_at ON complaints (problem_id, updated_at, id) WHERE deleted_at IS NULL;
ALTER TABLE problems ADD COLUMN complaint_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE problems ADD COLUMN complaint_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lessons ADD COLUMN complaint_ids TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE lessons DROP COLUMN complaint_ids;
ALTER TABLE problems DROP COLUMN complaint_count;
ALTER TABLE problems DROP COLUMN complaint_ids;
DROP INDEX complaints_problem_id_updated_at;
ALTER TABLE complaints DROP COLUMN problem_id;
