-- +goose Up

-- The clocks of records: when a time limit ends, and when the register has to act
-- on it next; an empty text stands for nothing. The one that stopped stays, and
-- tells that the next one of its name is not the first.
CREATE TABLE clocks (
  kind           TEXT NOT NULL,
  record_id      TEXT NOT NULL,
  name           TEXT NOT NULL,
  calendar       TEXT NOT NULL,
  started_at     TEXT NOT NULL,
  paused_at      TEXT NOT NULL,
  paused_days    INTEGER NOT NULL,
  paused_minutes INTEGER NOT NULL,
  due_on         TEXT NOT NULL,
  due_at         TEXT NOT NULL,
  warned_for     TEXT NOT NULL,
  told_for       TEXT NOT NULL,
  act_at         TEXT NOT NULL,
  stopped_at     TEXT NOT NULL,
  PRIMARY KEY (kind, record_id, name)
);
CREATE INDEX clocks_act_at ON clocks (act_at) WHERE act_at <> '';

ALTER TABLE issues ADD COLUMN due_on TEXT;
ALTER TABLE issues ADD COLUMN due_at TEXT;
ALTER TABLE issues ADD COLUMN due_for TEXT;
ALTER TABLE issues ADD COLUMN paused_total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issues ADD COLUMN breached_at TEXT;
CREATE INDEX issues_due_on ON issues (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_due_at ON issues (due_at, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX issues_due_at;
DROP INDEX issues_due_on;
ALTER TABLE issues DROP COLUMN breached_at;
ALTER TABLE issues DROP COLUMN paused_total;
ALTER TABLE issues DROP COLUMN due_for;
ALTER TABLE issues DROP COLUMN due_at;
ALTER TABLE issues DROP COLUMN due_on;
DROP TABLE clocks;
