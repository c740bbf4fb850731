-- +goose Up
CREATE TABLE users (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  handle TEXT NOT NULL,
  handle_folded TEXT NOT NULL,
  email TEXT,
  email_folded TEXT,
  job_title TEXT,
  rlmt_level INTEGER,
  rlmt_framework TEXT NOT NULL,
  rlmt_evidence TEXT,
  rlmt_assessed_on TEXT,
  rlmt_review_on TEXT,
  roles TEXT NOT NULL,
  time_zone TEXT,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX users_handle ON users (handle_folded) WHERE deleted_at IS NULL;
CREATE INDEX users_state_name_folded ON users (state, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX users_updated_at ON users (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name_folded ON users (name_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE users;
