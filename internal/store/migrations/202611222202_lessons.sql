-- +goose Up
CREATE TABLE lessons (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  what_happened TEXT NOT NULL,
  root_cause TEXT,
  recommendation TEXT NOT NULL,
  category TEXT NOT NULL,
  applies_to_tags TEXT NOT NULL,
  issue_ids TEXT NOT NULL,
  corrective_action_ids TEXT NOT NULL,
  interaction_ids TEXT NOT NULL,
  significant BOOLEAN NOT NULL,
  valid BOOLEAN NOT NULL,
  applicable BOOLEAN NOT NULL,
  expertise TEXT,
  audience TEXT NOT NULL,
  personal_data_removed BOOLEAN NOT NULL,
  artefact_kind TEXT NOT NULL,
  artefact TEXT,
  artefact_url TEXT,
  applied_on TEXT,
  review_note TEXT,
  duplicate_of_id TEXT REFERENCES lessons (id),
  due_on TEXT,
  due_at TEXT,
  due_for TEXT,
  paused_total INTEGER NOT NULL,
  breached_at TEXT,
  published_at TEXT,
  review_on TEXT,
  first_applied_at TEXT,
  applied_count INTEGER NOT NULL,
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
CREATE INDEX lessons_state_updated_at ON lessons (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_owner_id_state_updated_at ON lessons (owner_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_category_state_updated_at ON lessons (category, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_updated_at ON lessons (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_due_on ON lessons (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_due_at ON lessons (due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_published_at ON lessons (published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX lessons_by_duplicate_of_id ON lessons (duplicate_of_id);

-- +goose Down
DROP TABLE lessons;
