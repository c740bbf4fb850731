-- +goose Up
CREATE TABLE settings (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  value TEXT,
  key TEXT NOT NULL,
  key_folded TEXT NOT NULL,
  type TEXT,
  default_value TEXT,
  description TEXT,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX settings_key ON settings (key_folded) WHERE deleted_at IS NULL;
CREATE INDEX settings_updated_at ON settings (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX settings_key_folded ON settings (key_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE settings;
