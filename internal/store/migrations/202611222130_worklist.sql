-- +goose Up
CREATE INDEX issues_owner_id_due_on ON issues (owner_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_assignee_id_due_on ON issues (assignee_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_holder_id_due_on ON escalations (holder_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_deputy_id_due_on ON escalations (deputy_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_owner_id_due_on ON escalations (owner_id, due_on, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX escalations_owner_id_due_on;
DROP INDEX escalations_deputy_id_due_on;
DROP INDEX escalations_holder_id_due_on;
DROP INDEX issues_assignee_id_due_on;
DROP INDEX issues_owner_id_due_on;
