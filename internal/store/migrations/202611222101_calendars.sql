-- +goose Up
CREATE TABLE calendars (
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
  zone TEXT,
  hours TEXT NOT NULL,
  holiday_region TEXT,
  days_off TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX calendars_key ON calendars (key_folded) WHERE deleted_at IS NULL;
CREATE INDEX calendars_updated_at ON calendars (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX calendars_key_folded ON calendars (key_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX calendars_name_folded ON calendars (name_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE calendars;
