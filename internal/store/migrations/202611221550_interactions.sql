-- +goose Up
CREATE TABLE interactions (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  stakeholder_ids TEXT NOT NULL,
  user_ids TEXT NOT NULL,
  channel TEXT NOT NULL,
  direction TEXT NOT NULL,
  occurred_at TEXT,
  duration_minutes INTEGER,
  location TEXT,
  subject TEXT,
  summary TEXT,
  sentiment TEXT NOT NULL,
  discussion_points TEXT NOT NULL,
  formality TEXT NOT NULL,
  sentiment_score INTEGER,
  logged_at TEXT,
  is_late BOOLEAN NOT NULL,
  owner_id TEXT REFERENCES users (id),
  tags TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  access_user_ids TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE INDEX interactions_state_occurred_at ON interactions (state, occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_owner_id_occurred_at ON interactions (owner_id, occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_sentiment_occurred_at ON interactions (sentiment, occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_updated_at ON interactions (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_occurred_at ON interactions (occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_sentiment_score ON interactions (sentiment_score, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE interactions;
