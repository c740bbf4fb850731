-- +goose Up
CREATE TABLE api_keys (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  user_id TEXT REFERENCES users (id),
  scopes TEXT NOT NULL,
  sensitivity TEXT NOT NULL,
  expires_at TEXT,
  allowed_cidrs TEXT NOT NULL,
  prefix TEXT,
  hash TEXT NOT NULL UNIQUE,
  last_used_at TEXT,
  last_used_ip TEXT,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE INDEX api_keys_user_id ON api_keys (user_id, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_updated_at ON api_keys (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_name_folded ON api_keys (name_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE api_keys;
