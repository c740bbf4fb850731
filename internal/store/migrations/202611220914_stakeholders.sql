-- +goose Up
CREATE TABLE stakeholders (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  kind TEXT NOT NULL,
  description TEXT,
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
CREATE INDEX stakeholders_state_updated_at ON stakeholders (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_state_name_folded ON stakeholders (state, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_updated_at ON stakeholders (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_name_folded ON stakeholders (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_by_owner_id ON stakeholders (owner_id);

-- +goose Down
DROP TABLE stakeholders;
