-- +goose Up
-- What was noticed about sign-ins and refusals, counted by the hour.
CREATE TABLE security_log (
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

-- +goose Down
DROP TABLE security_log;
