-- +goose Up
CREATE TABLE identities (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  user_id TEXT NOT NULL REFERENCES users (id),
  issuer TEXT NOT NULL,
  issuer_folded TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_folded TEXT NOT NULL,
  note TEXT,
  last_used_at TEXT,
  last_used_ip TEXT,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
-- To the letter: two subjects that differ in case are two people.
CREATE UNIQUE INDEX identities_issuer_subject ON identities (issuer, subject) WHERE state = 'active' AND deleted_at IS NULL;
CREATE INDEX identities_user_id ON identities (user_id, id) WHERE deleted_at IS NULL;
CREATE INDEX identities_updated_at ON identities (updated_at, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE identities;
