-- +goose Up
-- Every complaint that is entered is held against up to a hundred before it of the same
-- subject: the index tells all that is asked of them, so that none of them is read.
DROP INDEX complaints_subject_received_at;
CREATE INDEX complaints_subject_received_at ON complaints (subject, received_at, id, category, cause_category, sensitivity) WHERE deleted_at IS NULL AND subject IS NOT NULL;

-- +goose Down
DROP INDEX complaints_subject_received_at;
CREATE INDEX complaints_subject_received_at ON complaints (subject, received_at, id) WHERE deleted_at IS NULL AND subject IS NOT NULL;
