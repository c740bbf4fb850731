-- +goose Up
-- Escalations name the stakeholder of what is escalated, for its timeline.
ALTER TABLE escalations ADD COLUMN stakeholder_id TEXT REFERENCES stakeholders (id);
UPDATE escalations SET stakeholder_id = (SELECT i.stakeholder_id FROM issues i WHERE i.id = escalations.issue_id) WHERE issue_id IS NOT NULL;
UPDATE escalations SET stakeholder_id = (SELECT c.stakeholder_id FROM complaints c WHERE c.id = escalations.complaint_id) WHERE complaint_id IS NOT NULL;
CREATE INDEX escalations_stakeholder_id ON escalations (stakeholder_id, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX escalations_stakeholder_id;
ALTER TABLE escalations DROP COLUMN stakeholder_id;
