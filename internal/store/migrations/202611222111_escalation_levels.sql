-- +goose Up
ALTER TABLE issues ADD COLUMN escalation_level INTEGER NOT NULL DEFAULT 4;
CREATE INDEX issues_escalation_level ON issues (escalation_level, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_state_escalation_level ON issues (state, escalation_level, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX issues_state_escalation_level;
DROP INDEX issues_escalation_level;
ALTER TABLE issues DROP COLUMN escalation_level;
