-- +goose Up
CREATE TABLE follow_ups (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  due_on TEXT NOT NULL,
  interaction_id TEXT REFERENCES interactions (id),
  stakeholder_id TEXT REFERENCES stakeholders (id),
  outcome TEXT,
  ended_at TEXT,
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
CREATE INDEX follow_ups_owner_id_state_due_on ON follow_ups (owner_id, state, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX follow_ups_state_due_on ON follow_ups (state, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX follow_ups_interaction_id_due_on ON follow_ups (interaction_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX follow_ups_stakeholder_id_state_due_on ON follow_ups (stakeholder_id, state, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX follow_ups_updated_at ON follow_ups (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX follow_ups_due_on ON follow_ups (due_on, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE follow_ups;
