-- +goose Up
CREATE TABLE authority_rules (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  level INTEGER,
  note TEXT,
  key TEXT NOT NULL,
  key_folded TEXT NOT NULL,
  default_level INTEGER NOT NULL,
  why TEXT,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX authority_rules_key ON authority_rules (key_folded) WHERE deleted_at IS NULL;
CREATE INDEX authority_rules_updated_at ON authority_rules (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX authority_rules_key_folded ON authority_rules (key_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE authority_rules;
