-- +goose Up
CREATE TABLE escalations (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  issue_id TEXT REFERENCES issues (id),
  to_level INTEGER NOT NULL,
  cause TEXT NOT NULL,
  reason TEXT NOT NULL,
  override BOOLEAN NOT NULL,
  decision TEXT,
  decision_reason TEXT,
  instructions TEXT,
  instructions_due_on TEXT,
  carried_out TEXT,
  carried_out_on TEXT,
  due_on TEXT,
  due_at TEXT,
  due_for TEXT,
  paused_total INTEGER NOT NULL,
  breached_at TEXT,
  subject_type TEXT,
  subject_id TEXT,
  from_level INTEGER NOT NULL,
  ladder_id TEXT REFERENCES escalation_ladders (id),
  rung TEXT,
  holder_id TEXT REFERENCES users (id),
  deputy_id TEXT REFERENCES users (id),
  respond_within TEXT,
  calendar TEXT,
  previous_id TEXT REFERENCES escalations (id),
  acknowledged_at TEXT,
  decided_at TEXT,
  decided_by_id TEXT REFERENCES users (id),
  owner_id TEXT REFERENCES users (id),
  tags TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  access_user_ids TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE INDEX escalations_holder_id_state_updated_at ON escalations (holder_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_state_updated_at ON escalations (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_issue_id ON escalations (issue_id, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_updated_at ON escalations (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_to_level ON escalations (to_level, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_due_on ON escalations (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_due_at ON escalations (due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX escalations_by_ladder_id ON escalations (ladder_id);
CREATE INDEX escalations_by_deputy_id ON escalations (deputy_id);
CREATE INDEX escalations_by_previous_id ON escalations (previous_id);
CREATE INDEX escalations_by_decided_by_id ON escalations (decided_by_id);
CREATE INDEX escalations_by_owner_id ON escalations (owner_id);

-- +goose Down
DROP TABLE escalations;
