-- +goose Up
CREATE TABLE escalation_ladders (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  key TEXT NOT NULL,
  key_folded TEXT NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  rungs TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX escalation_ladders_key ON escalation_ladders (key_folded) WHERE deleted_at IS NULL;
CREATE INDEX escalation_ladders_updated_at ON escalation_ladders (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX escalation_ladders_key_folded ON escalation_ladders (key_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX escalation_ladders_name_folded ON escalation_ladders (name_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE escalation_ladders;
