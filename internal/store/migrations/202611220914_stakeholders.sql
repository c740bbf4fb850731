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
  roles TEXT NOT NULL,
  basis TEXT NOT NULL,
  side TEXT NOT NULL,
  seniority TEXT NOT NULL,
  client_tier TEXT NOT NULL,
  channels TEXT NOT NULL,
  lawful_basis TEXT NOT NULL,
  language TEXT,
  language_folded TEXT,
  country TEXT,
  country_folded TEXT,
  website TEXT,
  notes TEXT,
  identified_via TEXT NOT NULL,
  identified_by_id TEXT REFERENCES users (id),
  verify_every_days INTEGER,
  verified_on TEXT,
  rested_at TEXT,
  rested_basis TEXT NOT NULL,
  power INTEGER,
  interest INTEGER,
  influence INTEGER,
  impact INTEGER,
  legitimacy INTEGER,
  urgency INTEGER,
  attitude INTEGER,
  current_engagement TEXT NOT NULL,
  desired_engagement TEXT NOT NULL,
  assessed_on TEXT,
  quadrant TEXT NOT NULL,
  salience_class TEXT NOT NULL,
  salience_rank INTEGER,
  priority INTEGER,
  gap INTEGER,
  gap_open BOOLEAN NOT NULL,
  last_contact_at TEXT,
  verify_due_on TEXT,
  spoc_id TEXT REFERENCES users (id),
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
CREATE INDEX stakeholders_state_priority ON stakeholders (state, priority, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_owner_id_updated_at ON stakeholders (owner_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_owner_id_gap ON stakeholders (owner_id, gap, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_kind_name_folded ON stakeholders (kind, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_updated_at ON stakeholders (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_name_folded ON stakeholders (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_power ON stakeholders (power, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_priority ON stakeholders (priority, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_gap ON stakeholders (gap, id) WHERE deleted_at IS NULL;
CREATE INDEX stakeholders_by_identified_by_id ON stakeholders (identified_by_id) WHERE identified_by_id IS NOT NULL;
CREATE INDEX stakeholders_by_spoc_id ON stakeholders (spoc_id) WHERE spoc_id IS NOT NULL;

-- +goose Down
DROP TABLE stakeholders;
