-- +goose Up
CREATE TABLE groups (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  purpose TEXT,
  kind TEXT NOT NULL,
  parent_id TEXT REFERENCES groups (id),
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
CREATE UNIQUE INDEX groups_name ON groups (name_folded) WHERE deleted_at IS NULL;
CREATE INDEX groups_state_name_folded ON groups (state, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_parent_id_state_name_folded ON groups (parent_id, state, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_created_at ON groups (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_updated_at ON groups (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_name_folded ON groups (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_by_owner_id ON groups (owner_id);

-- +goose Down
DROP TABLE groups;
