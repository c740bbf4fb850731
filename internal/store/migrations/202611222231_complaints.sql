-- +goose Up
CREATE TABLE complaints (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  received_at TEXT,
  channel TEXT NOT NULL,
  anonymous BOOLEAN NOT NULL,
  stakeholder_id TEXT REFERENCES stakeholders (id),
  complainant TEXT,
  remedy_sought TEXT,
  subject TEXT,
  subject_folded TEXT,
  subject_user_ids TEXT NOT NULL,
  unit TEXT,
  unit_folded TEXT,
  immediate_action TEXT,
  interaction_id TEXT REFERENCES interactions (id),
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  systemic BOOLEAN NOT NULL,
  assignee_id TEXT REFERENCES users (id),
  acknowledged_at TEXT,
  acknowledgement TEXT,
  acknowledged_channel TEXT NOT NULL,
  criteria TEXT NOT NULL,
  conflict_of_interest TEXT NOT NULL,
  conflict_note TEXT,
  question TEXT,
  question_channel TEXT NOT NULL,
  progress TEXT,
  progress_channel TEXT NOT NULL,
  progress_told_on TEXT,
  extended_until TEXT,
  extension_told_on TEXT,
  extension_channel TEXT NOT NULL,
  findings TEXT,
  upheld TEXT NOT NULL,
  cause_category TEXT NOT NULL,
  remedies TEXT NOT NULL,
  remedy_value TEXT,
  decision TEXT,
  review_routes TEXT,
  told_at TEXT,
  told_channel TEXT NOT NULL,
  complainant_answer TEXT NOT NULL,
  answered_on TEXT,
  answer_evidence TEXT,
  remedy_done_on TEXT,
  remedy_evidence TEXT,
  recourse_told_on TEXT,
  recourse_channel TEXT NOT NULL,
  external_recourse TEXT,
  options_exhausted TEXT,
  withdrawn_on TEXT,
  withdrawal_evidence TEXT,
  referred_to TEXT,
  referred_on TEXT,
  referral_result TEXT,
  satisfaction INTEGER,
  satisfaction_comment TEXT,
  conduct_reason TEXT,
  conduct_review_on TEXT,
  due_on TEXT,
  due_at TEXT,
  due_for TEXT,
  paused_total INTEGER NOT NULL,
  breached_at TEXT,
  acknowledge_due_at TEXT,
  assessed_at TEXT,
  priority TEXT NOT NULL,
  route TEXT NOT NULL,
  reprioritised BOOLEAN NOT NULL,
  frontline_at TEXT,
  investigated_at TEXT,
  awaited_at TEXT,
  decision_due_at TEXT,
  extensions INTEGER NOT NULL,
  proposed_at TEXT,
  decided_at TEXT,
  decided_by_id TEXT REFERENCES users (id),
  decided_level INTEGER,
  reviews INTEGER NOT NULL,
  reviewed_at TEXT,
  closed_at TEXT,
  unreasonable_conduct BOOLEAN NOT NULL,
  complainant_key TEXT,
  repeat_of_id TEXT REFERENCES complaints (id),
  repeat_count INTEGER NOT NULL,
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
CREATE INDEX complaints_state_updated_at ON complaints (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_state_due_on ON complaints (state, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_owner_id_state_updated_at ON complaints (owner_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_assignee_id_state_updated_at ON complaints (assignee_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_severity_state_updated_at ON complaints (severity, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_stakeholder_id_updated_at ON complaints (stakeholder_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_updated_at ON complaints (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_received_at ON complaints (received_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_due_on ON complaints (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_due_at ON complaints (due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_closed_at ON complaints (closed_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_repeat_count ON complaints (repeat_count, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_by_interaction_id ON complaints (interaction_id);
CREATE INDEX complaints_by_decided_by_id ON complaints (decided_by_id);
CREATE INDEX complaints_by_repeat_of_id ON complaints (repeat_of_id);
CREATE INDEX complaints_stakeholder_id_received_at ON complaints (stakeholder_id, received_at, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_complainant_key_received_at ON complaints (complainant_key, received_at, id) WHERE deleted_at IS NULL AND complainant_key IS NOT NULL;
CREATE INDEX complaints_subject_received_at ON complaints (subject, received_at, id) WHERE deleted_at IS NULL AND subject IS NOT NULL;

-- +goose Down
DROP TABLE complaints;
