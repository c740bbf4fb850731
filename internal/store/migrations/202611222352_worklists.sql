-- +goose Up
-- What is due to somebody, the earliest first; what is done with has no time limit any more, but for what is due by hand.
CREATE INDEX complaints_owner_id_due_on ON complaints (owner_id, due_on, id) WHERE due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX complaints_assignee_id_due_on ON complaints (assignee_id, due_on, id) WHERE due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_owner_id_due_on ON corrective_actions (owner_id, due_on, id, state) WHERE due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_owner_id_due_at ON corrective_actions (owner_id, due_at, id, state) WHERE due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_verifier_id_due_on ON corrective_actions (verifier_id, due_on, id, state) WHERE due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_verifier_id_due_at ON corrective_actions (verifier_id, due_at, id, state) WHERE due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX lessons_owner_id_due_on ON lessons (owner_id, due_on, id) WHERE due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX problems_owner_id_due_on ON problems (owner_id, due_on, id) WHERE due_on IS NOT NULL AND deleted_at IS NULL;

-- What nobody was given; the condition is spelt as it is asked.
DROP INDEX issues_unassigned;
DROP INDEX escalations_unassigned;
DROP INDEX corrective_actions_unassigned;
DROP INDEX complaints_unassigned;
CREATE INDEX complaints_unassigned ON complaints (due_on, id) WHERE coalesce(assignee_id, owner_id) IS NULL AND due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_unassigned ON corrective_actions (due_on, id) WHERE coalesce(verifier_id, owner_id) IS NULL AND due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX escalations_unassigned ON escalations (due_on, id) WHERE coalesce(holder_id, deputy_id, owner_id) IS NULL AND due_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX issues_unassigned ON issues (due_on, id) WHERE coalesce(assignee_id, owner_id) IS NULL AND due_on IS NOT NULL AND deleted_at IS NULL;

-- Whose engagement is short of what it should be, the widest first, and who was not heard of for the longest.
CREATE INDEX stakeholders_owner_id_state_gap ON stakeholders (owner_id, state, gap, id) WHERE gap IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX stakeholders_spoc_id_state_gap ON stakeholders (spoc_id, state, gap, id) WHERE spoc_id IS NOT NULL AND gap IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX stakeholders_owner_id_state_last_contact_at ON stakeholders (owner_id, state, last_contact_at, id) WHERE last_contact_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX stakeholders_spoc_id_state_last_contact_at ON stakeholders (spoc_id, state, last_contact_at, id) WHERE spoc_id IS NOT NULL AND last_contact_at IS NOT NULL AND deleted_at IS NULL;

-- +goose Down
DROP INDEX stakeholders_spoc_id_state_last_contact_at;
DROP INDEX stakeholders_owner_id_state_last_contact_at;
DROP INDEX stakeholders_spoc_id_state_gap;
DROP INDEX stakeholders_owner_id_state_gap;
DROP INDEX issues_unassigned;
DROP INDEX escalations_unassigned;
DROP INDEX corrective_actions_unassigned;
DROP INDEX complaints_unassigned;
CREATE INDEX complaints_unassigned ON complaints (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX corrective_actions_unassigned ON corrective_actions (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX escalations_unassigned ON escalations (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
CREATE INDEX issues_unassigned ON issues (due_on, id) WHERE owner_id IS NULL AND deleted_at IS NULL;
DROP INDEX problems_owner_id_due_on;
DROP INDEX lessons_owner_id_due_on;
DROP INDEX corrective_actions_verifier_id_due_at;
DROP INDEX corrective_actions_verifier_id_due_on;
DROP INDEX corrective_actions_owner_id_due_at;
DROP INDEX corrective_actions_owner_id_due_on;
DROP INDEX complaints_assignee_id_due_on;
DROP INDEX complaints_owner_id_due_on;
