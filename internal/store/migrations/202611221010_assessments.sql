-- +goose Up
CREATE TABLE assessments (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  stakeholder_id TEXT NOT NULL REFERENCES stakeholders (id),
  assessed_on TEXT NOT NULL,
  assessor_id TEXT REFERENCES users (id),
  power INTEGER,
  interest INTEGER,
  influence INTEGER,
  impact INTEGER,
  legitimacy INTEGER,
  urgency INTEGER,
  attitude INTEGER,
  current_engagement TEXT NOT NULL,
  desired_engagement TEXT NOT NULL,
  rationale TEXT,
  evidence TEXT,
  method TEXT,
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
CREATE INDEX assessments_stakeholder_id_assessed_on ON assessments (stakeholder_id, assessed_on, id) WHERE deleted_at IS NULL;
CREATE INDEX assessments_assessor_id_assessed_on ON assessments (assessor_id, assessed_on, id) WHERE deleted_at IS NULL;
CREATE INDEX assessments_updated_at ON assessments (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX assessments_assessed_on ON assessments (assessed_on, id) WHERE deleted_at IS NULL;
CREATE INDEX assessments_by_owner_id ON assessments (owner_id);

-- +goose Down
DROP TABLE assessments;
