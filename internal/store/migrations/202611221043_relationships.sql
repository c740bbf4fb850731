-- +goose Up
CREATE TABLE relationships (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  from_id TEXT NOT NULL REFERENCES stakeholders (id),
  to_id TEXT NOT NULL REFERENCES stakeholders (id),
  type TEXT NOT NULL,
  direction TEXT NOT NULL,
  strength INTEGER,
  from_on TEXT,
  to_on TEXT,
  job_title TEXT,
  role TEXT,
  role_folded TEXT,
  is_primary BOOLEAN NOT NULL,
  identified_via TEXT,
  facilitated_by_id TEXT REFERENCES users (id),
  note TEXT,
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
CREATE INDEX relationships_from_id_state_updated_at ON relationships (from_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX relationships_to_id_state_updated_at ON relationships (to_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX relationships_type_state_updated_at ON relationships (type, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX relationships_created_at ON relationships (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX relationships_updated_at ON relationships (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX relationships_by_facilitated_by_id ON relationships (facilitated_by_id);
CREATE INDEX relationships_by_owner_id ON relationships (owner_id);

-- +goose Down
DROP TABLE relationships;
