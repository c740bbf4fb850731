-- +goose Up

-- What lets somebody in once, or for one purpose, without a key: only the hash is
-- kept, and what it opens.
CREATE TABLE tokens (
  hash       TEXT NOT NULL PRIMARY KEY,
  purpose    TEXT NOT NULL,
  kind       TEXT,
  record_id  TEXT,
  user_id    TEXT,
  key_id     TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  uses_left  INTEGER NOT NULL
);
CREATE INDEX tokens_expires_at ON tokens (expires_at);

-- +goose Down
DROP TABLE tokens;
