-- +goose Up
CREATE TABLE spoc_assignments (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  stakeholder_id TEXT REFERENCES stakeholders (id),
  group_id TEXT REFERENCES groups (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  deputy_id TEXT REFERENCES users (id),
  from_on TEXT,
  open_items_acknowledged BOOLEAN NOT NULL,
  note TEXT,
  accepted_at TEXT,
  active_from TEXT,
  ended_on TEXT,
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
CREATE UNIQUE INDEX spoc_assignments_one_active ON spoc_assignments (stakeholder_id) WHERE state = 'active' AND deleted_at IS NULL;
CREATE UNIQUE INDEX spoc_assignments_one_active_group ON spoc_assignments (group_id) WHERE state = 'active' AND deleted_at IS NULL;
CREATE INDEX spoc_assignments_stakeholder_id_state_updated_at ON spoc_assignments (stakeholder_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX spoc_assignments_group_id_state_updated_at ON spoc_assignments (group_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX spoc_assignments_user_id_state_updated_at ON spoc_assignments (user_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX spoc_assignments_state_updated_at ON spoc_assignments (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX spoc_assignments_updated_at ON spoc_assignments (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX spoc_assignments_by_deputy_id ON spoc_assignments (deputy_id);
CREATE INDEX spoc_assignments_by_owner_id ON spoc_assignments (owner_id);

-- +goose Down
DROP TABLE spoc_assignments;
