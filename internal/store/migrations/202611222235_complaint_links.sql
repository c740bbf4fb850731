-- +goose Up

-- Complaints can be escalated, and corrective actions follow from them.
ALTER TABLE complaints ADD COLUMN escalation_level INTEGER NOT NULL DEFAULT 4;
CREATE INDEX complaints_escalation_level ON complaints (escalation_level, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_state_escalation_level ON complaints (state, escalation_level, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_cause_category_received_at ON complaints (cause_category, received_at) WHERE deleted_at IS NULL;
ALTER TABLE escalations ADD COLUMN complaint_id TEXT REFERENCES complaints (id);
CREATE INDEX escalations_complaint_id ON escalations (complaint_id, id) WHERE deleted_at IS NULL;
ALTER TABLE corrective_actions ADD COLUMN complaint_id TEXT REFERENCES complaints (id);
CREATE INDEX corrective_actions_complaint_id_updated_at ON corrective_actions (complaint_id, updated_at, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX corrective_actions_complaint_id_updated_at;
ALTER TABLE corrective_actions DROP COLUMN complaint_id;
DROP INDEX escalations_complaint_id;
ALTER TABLE escalations DROP COLUMN complaint_id;
DROP INDEX complaints_cause_category_received_at;
DROP INDEX complaints_state_escalation_level;
DROP INDEX complaints_escalation_level;
ALTER TABLE complaints DROP COLUMN escalation_level;
