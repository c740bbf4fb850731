-- +goose Up

-- Every change of every record, once: the line of its history and the event. The
-- sealer gives the numbers after the commit.
CREATE TABLE entries (
  id              TEXT NOT NULL PRIMARY KEY,
  seq             INTEGER UNIQUE,
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
CREATE INDEX entries_unsealed ON entries (id) WHERE seq IS NULL;

-- What lists in records name: other records, tags and other terms.
CREATE TABLE links (
  kind      TEXT NOT NULL,
  field     TEXT NOT NULL,
  target    TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, field, target, record_id)
);

-- What other systems call records; one of theirs is one of ours.
CREATE TABLE external_ids (
  kind      TEXT NOT NULL,
  system    TEXT NOT NULL,
  key       TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, system, key)
);
CREATE INDEX external_ids_record ON external_ids (kind, record_id);

-- The confidential and restricted records, and who is named on them.
CREATE TABLE guarded (
  kind        TEXT NOT NULL,
  record_id   TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  PRIMARY KEY (kind, record_id)
);
CREATE TABLE named (
  kind      TEXT NOT NULL,
  record_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  PRIMARY KEY (kind, record_id, user_id)
);
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

-- The words of all nouns' records; on SQLite each noun has a full-text table.
CREATE TABLE search_texts (
  kind  TEXT NOT NULL,
  num   BIGINT NOT NULL,
  words TSVECTOR NOT NULL,
  PRIMARY KEY (kind, num)
);
CREATE INDEX search_texts_words ON search_texts USING gin (words);

-- +goose Down
DROP TABLE search_texts;
DROP TABLE idempotency;
DROP TABLE named;
DROP TABLE guarded;
DROP TABLE external_ids;
DROP TABLE links;
DROP TABLE entries;
