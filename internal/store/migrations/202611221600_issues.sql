-- +goose Up
CREATE TABLE issues (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  description TEXT,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  urgency TEXT NOT NULL,
  stakeholder_id TEXT REFERENCES stakeholders (id),
  affected_stakeholder_ids TEXT NOT NULL,
  raised_at TEXT,
  channel TEXT NOT NULL,
  interaction_id TEXT REFERENCES interactions (id),
  reporter_contact TEXT,
  assignee_id TEXT REFERENCES users (id),
  waiting_on TEXT,
  waiting_until TEXT,
  resolution TEXT,
  effects TEXT NOT NULL,
  party_answer TEXT NOT NULL,
  party_answered_on TEXT,
  answer_evidence TEXT,
  no_action_reason TEXT,
  told_raiser_on TEXT,
  told_channel TEXT NOT NULL,
  referred_to TEXT,
  referred_on TEXT,
  referral_result TEXT,
  triaged_at TEXT,
  proposed_at TEXT,
  attempts INTEGER NOT NULL,
  closed_at TEXT,
  reopened_count INTEGER NOT NULL,
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
CREATE INDEX issues_state_updated_at ON issues (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_assignee_id_state_updated_at ON issues (assignee_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_owner_id_state_updated_at ON issues (owner_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_severity_state_updated_at ON issues (severity, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_stakeholder_id_updated_at ON issues (stakeholder_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_updated_at ON issues (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_raised_at ON issues (raised_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_by_interaction_id ON issues (interaction_id);

-- +goose Down
DROP TABLE issues;
