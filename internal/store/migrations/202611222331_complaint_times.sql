-- +goose Up

-- What was done in time stands on the record, so that reports and lists say the same.
ALTER TABLE complaints ADD COLUMN acknowledged_in_time TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE complaints ADD COLUMN decided_in_time TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE complaints ADD COLUMN effective_actions INTEGER NOT NULL DEFAULT 0;
UPDATE complaints SET acknowledged_in_time = CASE WHEN acknowledged_at <= acknowledge_due_at THEN 'in_time' ELSE 'late' END
  WHERE acknowledged_at IS NOT NULL AND acknowledge_due_at IS NOT NULL;
UPDATE complaints SET decided_in_time = CASE WHEN decided_at <= decision_due_at THEN 'in_time' ELSE 'late' END
  WHERE decided_at IS NOT NULL AND decision_due_at IS NOT NULL;

-- By these the report counts without looking at the records themselves.
DROP INDEX complaints_received_at;
DROP INDEX complaints_closed_at;
CREATE INDEX complaints_received_at ON complaints (received_at, id, sensitivity, category, severity, channel, acknowledged_in_time, decided_in_time, repeat_count) WHERE deleted_at IS NULL;
CREATE INDEX complaints_acknowledge_due_at ON complaints (acknowledge_due_at, id, sensitivity, acknowledged_in_time) WHERE deleted_at IS NULL;
CREATE INDEX complaints_assessed_at ON complaints (assessed_at, id, sensitivity, reprioritised) WHERE deleted_at IS NULL;
CREATE INDEX complaints_decided_at ON complaints (decided_at, id, sensitivity, received_at, paused_total, state, decided_in_time, extensions, upheld, reviews, effective_actions) WHERE deleted_at IS NULL;
CREATE INDEX complaints_closed_at ON complaints (closed_at, id, sensitivity, received_at, paused_total, state, frontline_at, investigated_at, decided_at, satisfaction) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX complaints_closed_at;
DROP INDEX complaints_decided_at;
DROP INDEX complaints_assessed_at;
DROP INDEX complaints_acknowledge_due_at;
DROP INDEX complaints_received_at;
CREATE INDEX complaints_received_at ON complaints (received_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_closed_at ON complaints (closed_at, id) WHERE deleted_at IS NULL;
ALTER TABLE complaints DROP COLUMN effective_actions;
ALTER TABLE complaints DROP COLUMN decided_in_time;
ALTER TABLE complaints DROP COLUMN acknowledged_in_time;
