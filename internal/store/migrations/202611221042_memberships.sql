-- +goose Up
CREATE TABLE memberships (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  group_id TEXT NOT NULL REFERENCES groups (id),
  stakeholder_id TEXT NOT NULL REFERENCES stakeholders (id),
  role TEXT,
  role_folded TEXT,
  from_on TEXT NOT NULL,
  to_on TEXT,
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
CREATE UNIQUE INDEX memberships_once ON memberships (group_id, stakeholder_id) WHERE state = 'active' AND deleted_at IS NULL;
CREATE INDEX memberships_group_id_state ON memberships (group_id, state, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_stakeholder_id_state ON memberships (stakeholder_id, state, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_created_at ON memberships (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_updated_at ON memberships (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_by_owner_id ON memberships (owner_id);

-- +goose Down
DROP TABLE memberships;
