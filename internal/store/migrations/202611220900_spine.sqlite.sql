-- +goose Up

-- Every change of every record, once: the line of its history and the event. The
-- one writer numbers them as it writes, so the number is the row's own: a write
-- touches as few pages as it can.
CREATE TABLE entries (
  seq             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL,
  hash            TEXT,
  kind            TEXT NOT NULL,
  record_id       TEXT NOT NULL,
  version         INTEGER,
  action          TEXT NOT NULL,
  transition      TEXT,
  actor_type      TEXT NOT NULL,
  actor_id        TEXT,
  at              TEXT NOT NULL,
  changes         TEXT NOT NULL,
  personal        TEXT,
  personal_digest TEXT,
  request_id      TEXT,
  key_id          TEXT,
  cause_id        TEXT,
  source          TEXT
);
CREATE UNIQUE INDEX entries_record ON entries (kind, record_id, version);

-- What lists in records name: other records, tags and other terms.
CREATE TABLE links (
  kind      TEXT NOT NULL,
  field     TEXT NOT NULL,
  target    TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, field, target, record_id)
) WITHOUT ROWID;

-- What other systems call records; one of theirs is one of ours.
CREATE TABLE external_ids (
  kind      TEXT NOT NULL,
  system    TEXT NOT NULL,
  key       TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, system, key)
) WITHOUT ROWID;
CREATE INDEX external_ids_record ON external_ids (kind, record_id);

-- The confidential and restricted records, and who is named on them.
CREATE TABLE guarded (
  kind        TEXT NOT NULL,
  record_id   TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  PRIMARY KEY (kind, record_id)
) WITHOUT ROWID;
CREATE TABLE named (
  kind      TEXT NOT NULL,
  record_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  PRIMARY KEY (kind, record_id, user_id)
) WITHOUT ROWID;
CREATE INDEX named_user ON named (user_id);

-- What was answered to changes that carried an idempotency key, in the order of time.
CREATE TABLE idempotency (
  num INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  status      INTEGER NOT NULL,
  body        TEXT,
  kind        TEXT,
  record_id   TEXT,
  version     INTEGER,
  created_at  TEXT NOT NULL
);

-- +goose Down
DROP TABLE idempotency;
DROP TABLE named;
DROP TABLE guarded;
DROP TABLE external_ids;
DROP TABLE links;
DROP TABLE entries;
