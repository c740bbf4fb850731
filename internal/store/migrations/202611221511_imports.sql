-- +goose Up

-- Files that people bring in; an empty text stands for nothing.
CREATE TABLE imports (
  id              TEXT NOT NULL PRIMARY KEY,
  owner_type      TEXT NOT NULL,
  owner_id        TEXT NOT NULL,
  collection      TEXT NOT NULL,
  state           TEXT NOT NULL,
  job_id          TEXT NOT NULL,
  options         TEXT NOT NULL,
  detected        TEXT NOT NULL,
  columns         TEXT NOT NULL,
  tally           TEXT NOT NULL,
  file_name       TEXT NOT NULL,
  size            INTEGER NOT NULL,
  sha256          TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint     TEXT NOT NULL,
  next_row        INTEGER NOT NULL,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  expires_at      TEXT NOT NULL
);
CREATE UNIQUE INDEX imports_idempotency ON imports (idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX imports_expires ON imports (expires_at);

-- What is wrong with their rows.
CREATE TABLE import_faults (
  import_id TEXT NOT NULL,
  num       INTEGER NOT NULL,
  row_num   INTEGER NOT NULL,
  heading   TEXT NOT NULL,
  value     TEXT NOT NULL,
  field     TEXT NOT NULL,
  code      TEXT NOT NULL,
  detail    TEXT NOT NULL,
  PRIMARY KEY (import_id, num)
);

-- Parents that stand further down in the file than their children.
CREATE TABLE import_links (
  import_id TEXT NOT NULL,
  row_num   INTEGER NOT NULL,
  record_id TEXT NOT NULL,
  kind      TEXT NOT NULL,
  heading   TEXT NOT NULL,
  target    TEXT NOT NULL,
  PRIMARY KEY (import_id, row_num)
);

-- +goose Down
DROP TABLE import_links;
DROP TABLE import_faults;
DROP TABLE imports;
