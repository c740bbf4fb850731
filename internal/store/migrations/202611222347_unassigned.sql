-- +goose Up
CREATE INDEX complaints_unassigned ON complaints (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_unassigned ON corrective_actions (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX escalations_unassigned ON escalations (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX follow_ups_unassigned ON follow_ups (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX issues_unassigned ON issues (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX lessons_unassigned ON lessons (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX problems_unassigned ON problems (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;

-- +goose Down
DROP INDEX problems_unassigned;
DROP INDEX lessons_unassigned;
DROP INDEX issues_unassigned;
DROP INDEX follow_ups_unassigned;
DROP INDEX escalations_unassigned;
DROP INDEX corrective_actions_unassigned;
DROP INDEX complaints_unassigned;
