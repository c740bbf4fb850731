-- +goose Up
CREATE TABLE corrective_actions (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  description TEXT,
  issue_id TEXT REFERENCES issues (id),
  verifier_id TEXT REFERENCES users (id),
  cause_method TEXT NOT NULL,
  cause_chains TEXT NOT NULL,
  root_cause TEXT,
  cause_category TEXT NOT NULL,
  action TEXT,
  due_on TEXT,
  criterion_measure TEXT,
  criterion_operator TEXT NOT NULL,
  criterion_value TEXT,
  criterion_unit TEXT,
  data_source TEXT,
  window_days INTEGER,
  side_effects TEXT,
  cross_unit BOOLEAN NOT NULL,
  starts_on TEXT,
  implemented_on TEXT,
  implementation_evidence TEXT,
  measured_value TEXT,
  measured_on TEXT,
  measurement_evidence TEXT,
  due_at TEXT,
  due_for TEXT,
  paused_total INTEGER NOT NULL,
  breached_at TEXT,
  approved_at TEXT,
  window_ends_on TEXT,
  verified_at TEXT,
  failures INTEGER NOT NULL,
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
CREATE INDEX corrective_actions_state_updated_at ON corrective_actions (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_owner_id_state_updated_at ON corrective_actions (owner_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_issue_id_updated_at ON corrective_actions (issue_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_updated_at ON corrective_actions (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_due_on ON corrective_actions (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_due_at ON corrective_actions (due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX corrective_actions_by_verifier_id ON corrective_actions (verifier_id);

-- +goose Down
DROP TABLE corrective_actions;
