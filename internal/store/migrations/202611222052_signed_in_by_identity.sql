-- +goose Up
-- A ticket may stand in for a token: whose identity that was taken for, and until
-- when it holds.
ALTER TABLE tokens ADD COLUMN identity_id TEXT;
ALTER TABLE tokens ADD COLUMN signed_in_until TEXT;

-- The security log tells identities beside keys, so that a line is another one.
CREATE TABLE security_log_anew (
  id TEXT NOT NULL PRIMARY KEY,
  hour TEXT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  key_id TEXT NOT NULL,
  identity_id TEXT NOT NULL,
  address TEXT NOT NULL,
  times INTEGER NOT NULL,
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  UNIQUE (hour, kind, code, key_id, identity_id, address)
);
INSERT INTO security_log_anew (id, hour, kind, code, key_id, identity_id, address, times, first_at, last_at)
  SELECT id, hour, kind, code, key_id, '', address, times, first_at, last_at FROM security_log;
DROP TABLE security_log;
ALTER TABLE security_log_anew RENAME TO security_log;

-- +goose Down
ALTER TABLE tokens DROP COLUMN identity_id;
ALTER TABLE tokens DROP COLUMN signed_in_until;
CREATE TABLE security_log_anew (
  id TEXT NOT NULL PRIMARY KEY,
  hour TEXT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  key_id TEXT NOT NULL,
  address TEXT NOT NULL,
  times INTEGER NOT NULL,
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  UNIQUE (hour, kind, code, key_id, address)
);
INSERT INTO security_log_anew SELECT id, hour, kind, code, key_id, address, times, first_at, last_at FROM security_log WHERE identity_id = '';
DROP TABLE security_log;
ALTER TABLE security_log_anew RENAME TO security_log;
