-- +goose Up

-- What is done beside the requests; a row is claimed with a lease, and an empty
-- text stands for nothing.
CREATE TABLE jobs (
  id           TEXT NOT NULL PRIMARY KEY,
  kind         TEXT NOT NULL,
  state        TEXT NOT NULL,
  unique_key   TEXT NOT NULL,
  args         TEXT NOT NULL,
  actor        TEXT NOT NULL,
  owner_type   TEXT NOT NULL,
  owner_id     TEXT NOT NULL,
  done         INTEGER NOT NULL,
  total        INTEGER NOT NULL,
  message      TEXT NOT NULL,
  result_url   TEXT NOT NULL,
  errors_url   TEXT NOT NULL,
  problem      TEXT NOT NULL,
  cancel_asked BOOLEAN NOT NULL,
  run_at       TEXT NOT NULL,
  attempts     INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  lease        TEXT NOT NULL,
  lease_until  TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  started_at   TEXT NOT NULL,
  finished_at  TEXT NOT NULL,
  expires_at   TEXT NOT NULL
);
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key <> '';
CREATE INDEX jobs_due ON jobs (state, run_at, id);
CREATE INDEX jobs_owner ON jobs (owner_id, id);
CREATE INDEX jobs_expires ON jobs (expires_at) WHERE expires_at <> '';

-- +goose Down
DROP TABLE jobs;
